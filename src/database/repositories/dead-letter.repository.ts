import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { IdWindow } from '../../domain/time-window.js';
import { DeadLetter } from '../entities/dead-letter.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { applyWindow } from '../list-query.js';
import { runTaskWrites } from '../task-writes.js';
import { Transactions } from '../transactions.js';

const MAX_RUN = 2 ** 31 - 1;

/** What became of a letter: sent again, not there, or kept because its endpoint is disabled and would get nothing. */
export type Redriven = 'sent' | 'none' | 'disabled';

/**
 * The table `dead_letter`: deliveries that were given up because their workers died. They are written when they are settled, see
 * the engine's stores. The row goes in the transaction that brings the delivery on its way again, so that no letter is lost or doubled.
 */
@Injectable()
export class DeadLetterRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Up to `count` letters of the window, in the order of its walk. */
  async list(orgId: string, window: IdWindow, count: number): Promise<DeadLetter[]> {
    const query = this.dataSource.manager.createQueryBuilder(DeadLetter, 'l').where('l.orgId = :orgId', { orgId });
    return applyWindow(query, 'l.id', window, count).getMany();
  }

  /** Plans one more attempt, as a delivery of its own that is due at once. */
  async redrive(orgId: string, id: string): Promise<Redriven> {
    return this.transactions.write(async (manager) => {
      const letter = await manager.findOneBy(DeadLetter, { orgId, id });
      return letter === null ? 'none' : sendAgain(manager, letter);
    });
  }

  /** The same for up to `count` letters after `aboveId`. Returns the last one's id, and how many were sent. */
  async redriveSome(orgId: string, aboveId: string, count: number): Promise<{ last: string | null; redriven: number }> {
    return this.transactions.write(async (manager) => {
      const query = manager.createQueryBuilder(DeadLetter, 'l').where('l.orgId = :orgId', { orgId });
      const letters = await applyWindow(query, 'l.id', { above: aboveId, below: null, walk: 'oldest-first' }, count).getMany();
      let redriven = 0;
      for (const letter of letters) if ((await sendAgain(manager, letter)) === 'sent') redriven++;
      return { last: letters.at(-1)?.id ?? null, redriven };
    });
  }
}

/** Of two that come at once, one finds the letter gone. */
async function sendAgain(manager: EntityManager, { orgId, id, appId, msgId, endpointId }: DeadLetter): Promise<Redriven> {
  if (await manager.existsBy(Endpoint, { id: endpointId, appId, disabled: true, deleted: false })) return 'disabled';
  const { affected } = await manager.delete(DeadLetter, { orgId, id });
  if (affected !== 1) return 'none';
  const fresh = [{ msgId, run: randomInt(1, MAX_RUN) }];
  await runTaskWrites(manager, { deliveries: { appId, endpointId, fresh, reopened: [] } });
  return 'sent';
}
