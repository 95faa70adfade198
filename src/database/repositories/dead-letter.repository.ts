import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { IdWindow } from '../../domain/time-window.js';
import { DeadLetter } from '../entities/dead-letter.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { applyWindow } from '../list-query.js';
import { lockMessages } from '../message-lock.js';
import { runTaskWrites } from '../task-writes.js';
import { Transactions } from '../transactions.js';

const MAX_RUN = 2 ** 31 - 1;

/** Whose dead letters are meant: those of an organisation, or all (null). */
type Owner = string | null;

/** The result of a redrive. `none`: there is no such dead letter. `disabled`: it was kept, because its endpoint is disabled. */
export type Redriven = 'sent' | 'none' | 'disabled';

/**
 * The table `dead_letter`: deliveries that failed because their workers died. The engine writes a row when it settles such a delivery. The
 * transaction that deletes the row also inserts the new delivery.
 *
 * If the process dies: both are written or neither, so no dead letter is lost or sent twice.
 */
@Injectable()
export class DeadLetterRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Up to `count` dead letters, in the window's order of reading. */
  async list(orgId: Owner, window: IdWindow, count: number): Promise<DeadLetter[]> {
    const query = this.dataSource.manager.createQueryBuilder(DeadLetter, 'l').where(owned(orgId));
    if (orgId !== null) return applyWindow(query, 'l.id', window, count).getMany();
    // MariaDB takes the index for a range only.
    const range = window.above === null && window.below === null ? { ...window, above: '' } : window;
    return applyWindow(query.useIndex('dead_letter_by_id'), 'l.id', range, count).getMany();
  }

  /** Replaces the dead letter with a new manual delivery that is due at once. */
  async redrive(orgId: Owner, id: string): Promise<Redriven> {
    return this.transactions.write(async (manager) => {
      const letter = await manager.findOneBy(DeadLetter, { ...owned(orgId), id });
      if (letter === null) return 'none';
      await lockAll(manager, [letter]);
      return sendAgain(manager, letter);
    });
  }

  /**
   * The same for up to `count` dead letters after `aboveId`. Returns the last id that was read, null if there was none, and how many were
   * sent.
   */
  async redriveSome(orgId: Owner, aboveId: string, count: number): Promise<{ last: string | null; redriven: number }> {
    return this.transactions.write(async (manager) => {
      const query = manager.createQueryBuilder(DeadLetter, 'l').where(owned(orgId));
      const letters = await applyWindow(query, 'l.id', { above: aboveId, below: null, order: 'oldest-first' }, count).getMany();
      await lockAll(manager, letters);
      let redriven = 0;
      for (const letter of letters) if ((await sendAgain(manager, letter)) === 'sent') redriven++;
      return { last: letters.at(-1)?.id ?? null, redriven };
    });
  }
}

function owned(orgId: Owner): { orgId?: string } {
  return orgId === null ? {} : { orgId };
}

/** Before the rows of dead letters are locked: the removal of messages takes the locks in this order too. */
async function lockAll(manager: EntityManager, letters: readonly DeadLetter[]): Promise<void> {
  const byApp = Map.groupBy(letters, ({ appId }) => appId);
  for (const appId of [...byApp.keys()].sort())
    await lockMessages(
      manager,
      appId,
      byApp.get(appId)!.map(({ msgId }) => msgId),
    );
}

/** If two calls run at the same time, only one of them deletes the row; the other returns `none`. */
async function sendAgain(manager: EntityManager, { orgId, id, appId, msgId, endpointId }: DeadLetter): Promise<Redriven> {
  if (await manager.existsBy(Endpoint, { id: endpointId, appId, disabled: true, deleted: false })) return 'disabled';
  const { affected } = await manager.delete(DeadLetter, { orgId, id });
  if (affected !== 1) return 'none';
  const fresh = [{ msgId, run: randomInt(1, MAX_RUN) }];
  await runTaskWrites(manager, { deliveries: { appId, endpointId, fresh, reopened: [] } });
  return 'sent';
}
