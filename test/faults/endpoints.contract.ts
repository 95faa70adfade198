import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import type { LRUCache } from 'lru-cache';
import type { Logger } from 'typeorm';
import { LocalCache } from '../../src/cache/local-cache.js';
import { loadConfig } from '../../src/config/config.js';
import { ApplicationCache } from '../../src/database/engine/application-cache.js';
import { EndpointUnsealer } from '../../src/database/engine/endpoint-unsealer.js';
import { UnreadableEndpoints } from '../../src/database/engine/unreadable-endpoints.js';
import { DataKeys } from '../../src/database/data-keys/data-keys.js';
import { EndpointSealing } from '../../src/database/endpoint-sealing.js';
import { SealingMode } from '../../src/database/sealing-mode.js';
import { EndpointEvents } from '../../src/database/endpoint-events.js';
import { Transactions } from '../../src/database/transactions.js';
import { Claimer } from '../../src/delivery/claimer.js';
import { PostponeDelay } from '../../src/delivery/postpone-delay.js';
import { WaitingLines } from '../../src/delivery/waiting-lines.js';
import { Settler } from '../../src/delivery/settler.js';
import { WriteState } from '../../src/database/write-state.js';
import { Throttle } from '../../src/delivery/throttle.js';
import { newId } from '../../src/domain/ids.js';
import { Sealer } from '../../src/domain/sealing.js';
import { createLog } from '../../src/observability/log.js';
import { FairnessRig } from '../delivery/fairness-rig.js';
import { until } from '../support/until.js';
import { EngineFixture, type OpenStore } from './engine-fixture.js';

const APPLICATIONS = 20;

/** How claims get the endpoints of their deliveries, on every database. */
export function cachedEndpointsContract(open: () => Promise<OpenStore>): void {
  let opened: OpenStore;
  let sealer: Sealer;
  let applications: ApplicationCache;
  let claimer: Claimer;
  let throttle: Throttle;
  /** The statements except those of the engine's store. */
  let statements: string[];
  const log = createLog('silent');
  const config = loadConfig({}, () => ({ jwtSecret: 'any', encryptionKey: Buffer.alloc(32).toString('base64') }));

  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened?.close());
  beforeEach(() => {
    statements = [];
    opened.dataSource.logger = { logQuery: (sql: string) => statements.push(sql), log: () => {} } as unknown as Logger;
    sealer = new Sealer([randomBytes(32)]);
    const reports = new UnreadableEndpoints(new Transactions(opened.dataSource), new EndpointEvents(config), log);
    const dataKeys = new DataKeys(config, opened.dataSource, new Transactions(opened.dataSource), log);
    const sealing = new EndpointSealing(sealer, new SealingMode(opened.dataSource), dataKeys);
    applications = new ApplicationCache(opened.dataSource, new EndpointUnsealer(sealing, reports));
    claimer = new Claimer(
      config,
      opened.store,
      applications,
      new Settler(config, opened.store, log, new WriteState(createLog('silent', { write: () => undefined }))),
      log,
    );
    const rig = new FairnessRig(100);
    throttle = new Throttle(
      config,
      applications,
      new LocalCache(),
      rig.permits,
      new WaitingLines(rig.speeds, new PostponeDelay(config, rig.speeds)),
    );
  });

  const fixture = (own = sealer) => new EngineFixture(opened, own).prepare();
  const change = async (rows: EngineFixture, set: string) => {
    await opened.dataSource.query(`UPDATE endpoint SET ${set} WHERE id = '${rows.endpointId}'`);
    await opened.dataSource.query(`UPDATE application SET version = version + 1 WHERE id = '${rows.appId}'`);
  };
  const reads = () => statements.filter((sql) => sql.startsWith('SELECT') && sql.includes('secrets')).length;

  it('reads the endpoints of many applications in one statement, and only once', async () => {
    const all = await Promise.all(Array.from({ length: APPLICATIONS }, () => fixture()));
    const refs = (await Promise.all(all.map((rows) => rows.written(2, false)))).flat();
    statements = [];

    const { now } = await throttle.limitRates(refs);
    const claimed = await claimer.claim(now);

    expect(claimed).toHaveLength(2 * APPLICATIONS);
    expect(new Set(claimed.map(({ endpoint }) => endpoint.id))).toEqual(new Set(all.map((rows) => rows.endpointId)));
    expect(statements).toHaveLength(1);
  });

  it('reads no endpoints of an application that is completely in memory', async () => {
    const rows = await fixture();
    await applications.byId(rows.appId);
    const [ref] = await rows.written(1, false);
    statements = [];

    expect(await claimer.claim([ref!])).toMatchObject([{ endpoint: { id: rows.endpointId, orgId: 'org_1' } }]);

    expect(statements).toEqual([]);
  });

  it('claims what several callers ask for at once together, and gives each delivery to one of them', async () => {
    const rows = await fixture();
    const refs = await rows.written(6, false);
    const claims = jest.spyOn(opened.store, 'claim');

    const won = await Promise.all([claimer.claim(refs.slice(0, 4)), claimer.claim(refs.slice(2)), claimer.claim(refs)]);

    expect(claims).toHaveBeenCalledTimes(1);
    expect(won.map((claimed) => claimed.length)).toEqual([4, 2, 0]);
    expect(new Set(won.flat().map(({ msgId }) => msgId)).size).toBe(6);
    claims.mockRestore();
  });

  it('reads an endpoint again after another process has changed it', async () => {
    const rows = await fixture();
    const [first, second] = await rows.written(2, false);
    await claimer.claim([first!]);
    await change(rows, "url = 'http://127.0.0.1:9/new'");

    expect(await claimer.claim([second!])).toMatchObject([{ endpoint: { url: 'http://127.0.0.1:9/new' } }]);

    expect(reads()).toBe(2);
  });

  it('ends a delivery whose endpoint another process has deleted', async () => {
    const rows = await fixture();
    const [first, second] = await rows.written(2, false);
    await claimer.claim([first!]);
    await change(rows, 'deleted = 1');

    expect(await claimer.claim([second!])).toEqual([]);

    const settled = async () => (await rows.row(second!))?.settled && rows.row(second!);
    expect(await until(settled, 5_000, 'the delivery to be settled')).toMatchObject({ reason: 'endpoint gone' });
  });

  it('ends deliveries to a deleted endpoint at once, whatever its rate was', async () => {
    const rows = await fixture();
    const refs = await rows.written(3, false);
    await change(rows, 'deleted = 1, throttle_rate = 1');

    expect(await throttle.limitRates(refs)).toMatchObject({ now: [{}, {}, {}], later: [] });
  });

  it('claims the others when an endpoint was written by hand and can not be matched', async () => {
    const [broken, readable] = [await fixture(), await fixture()];
    const refs = [...(await broken.written(1, false)), ...(await readable.written(1, false))];
    await change(broken, "event_types = '5'");

    expect(await claimer.claim(refs)).toMatchObject([{ endpointId: readable.endpointId }]);
  });

  it('counts each endpoint that it keeps, and keeps none for longer because others are read', async () => {
    const rows = await fixture();
    const ids = Array.from({ length: 5 }, () => newId('ep_'));
    const columns = 'url, description, api_version, disabled, metadata, secrets, deleted, updated_at';
    for (const id of ids) {
      await opened.dataSource.query(
        `INSERT INTO endpoint (id, app_id, ${columns}) SELECT '${id}', app_id, ${columns} FROM endpoint WHERE id = '${rows.endpointId}'`,
      );
    }
    const { endpoints } = applications as unknown as { endpoints: LRUCache<string, Map<string, object>> };
    const left: number[] = [];

    for (const endpointId of ids) {
      await applications.endpointsOf([{ appId: rows.appId, endpointId }]);
      left.push(endpoints.getRemainingTTL(rows.appId));
      // Longer than the clock of the cache may stand still on a busy machine.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }

    expect(endpoints.get(rows.appId)!.size).toBe(ids.length);
    expect(endpoints.calculatedSize).toBe(1 + ids.length);
    expect(left).toEqual(left.toSorted((a, b) => b - a));
    expect(left.at(-1)).toBeLessThan(left[0]!);
  });

  it('postpones deliveries to an endpoint that it can not unseal, and sends the others', async () => {
    const [sealed, readable] = [await fixture(new Sealer([randomBytes(32)])), await fixture()];
    const refs = [...(await sealed.written(1, false)), ...(await readable.written(1, false))];

    const { now, later } = await throttle.limitRates(refs);

    expect(now).toMatchObject([{ endpointId: readable.endpointId }]);
    expect(later).toMatchObject([{ endpointId: sealed.endpointId, delayMs: 30_000 }]);
  });
}
