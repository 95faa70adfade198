import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeadLetterRepository } from '../../src/database/repositories/dead-letter.repository.js';
import { WORKER_LOST } from '../../src/database/engine/engine-store.js';
import { Transactions } from '../../src/database/transactions.js';
import { EngineFixture, settlement, type OpenStore } from './engine-fixture.js';

const ORG = 'org_1';
const LOST = { kind: 'failed', reason: WORKER_LOST } as const;
const ALL = { above: null, below: null, order: 'oldest-first' } as const;

/** How deliveries become dead letters and are sent again, on every database. */
export function deadLettersContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let rows: EngineFixture;
  let letters: DeadLetterRepository;

  beforeAll(async () => {
    opened = await open();
    letters = new DeadLetterRepository(opened.dataSource, new Transactions(opened.dataSource));
  });
  beforeEach(async () => {
    rows = await new EngineFixture(opened).prepare();
  });
  afterAll(() => opened?.close());

  const listed = async () => (await letters.list(ORG, ALL, 1_000)).filter(({ appId }) => appId === rows.appId);

  describe('a delivery that failed because its workers died', () => {
    it('is listed once, even if the settle is repeated after a lost answer', async () => {
      const refs = await rows.written(3, true);
      const given = refs.map((ref) => settlement(ref, LOST, null));
      await opened.store.settle(given);
      await opened.store.settle(given);

      expect((await listed()).map(({ id }) => id)).toEqual(refs.map(({ msgId }) => `${msgId}:${rows.endpointId}:0`).toSorted());
    });

    it('is not listed if the claim was lost', async () => {
      const [ref] = await rows.written(1, true);
      await opened.store.settle([settlement({ ...ref!, fence: 0 }, LOST, null)]);

      expect(await listed()).toEqual([]);
    });

    it('is redriven once, even if several requests ask for it', async () => {
      const [ref] = await rows.written(1, true);
      await opened.store.settle([settlement(ref!, LOST, null)]);
      const [letter] = await listed();
      const results = await Promise.all(Array.from({ length: 4 }, () => letters.redrive(ORG, letter!.id)));

      expect(results.filter((redriven) => redriven === 'sent')).toHaveLength(1);
      expect(await rows.count('delivery', 'run <> 0 AND state = 0')).toBe(1);
      expect(await listed()).toEqual([]);
    });
  });

  it('deliveries that failed for another reason are not dead letters', async () => {
    const refs = await rows.written(2, true);
    const reasons = ['retries exhausted', 'endpoint disabled'];
    await opened.store.settle(refs.map((ref, at) => settlement(ref, { kind: 'failed', reason: reasons[at]! }, null)));

    expect(await listed()).toEqual([]);
  });
}
