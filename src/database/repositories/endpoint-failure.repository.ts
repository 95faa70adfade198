import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { firstIdAt, timeOf } from '../../domain/ids.js';
import { dialectOf, endpointIs, useIndex, waitsForRows } from '../dialect.js';
import { EndpointEvents } from '../endpoint-events.js';
import { Application } from '../entities/application.entity.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Endpoint, type DisabledBecause } from '../entities/endpoint.entity.js';
import { Transactions } from '../transactions.js';

/** No attempt takes longer, from its id to the answer of the endpoint. */
const LONGEST_ATTEMPT_MS = 120_000;
/** How much the clocks of two processes may differ. */
const CLOCK_SKEW_MS = 2_000;
/** So many successes before a failure are looked at for one that ended after it. */
const MAX_SUCCESSES = 100;

/**
 * Stores since when all messages to an endpoint fail (`failingSince`), and disables endpoints that have failed for too long. Every change
 * increments the application's version, because the cached endpoints of all processes contain the value. That UPDATE locks the application's
 * row, so changes of one endpoint happen one after the other, and what they depend on is read after it.
 *
 * Most calls change nothing, because the endpoint fails or works as it did before. They increment nothing: each new version makes the
 * messages that are being committed for this application start again, and a dead endpoint fails hundreds of times a second.
 *
 * These changes are made after an outcome was settled, by any process, late, in any order, or never. So their order says nothing, and none is
 * needed. What counts is when the endpoint answered, and the attempts, which are written with the outcome:
 *
 * - `failingSince` is the time of the answer to a message that failed, not the time at which it is stored. If a success that began later is
 *   settled already, it is not set.
 * - A process whose cached endpoint was not failing does not call `succeeded`. So before an endpoint is disabled, its attempts are searched
 *   for a success that ended after `failingSince`, also for one that began before. If there is one, the clock starts anew at the failure.
 * - The search locks what it reads, so on MySQL it waits for a success that is being settled at this moment. A success that is settled only
 *   after the search is one that the endpoint's last attempts were not waiting for: it comes after the decision.
 * - `succeeded` clears the clock whatever it says. A later failure starts it again, so an endpoint is disabled later, but never too early.
 * - A `failingSince` older than twice the limit is replaced. Otherwise an endpoint that gets few messages would be disabled by two failures
 *   that are far apart.
 */
@Injectable()
export class EndpointFailureRepository {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: EndpointEvents,
  ) {}

  /**
   * A message has failed for good. Sets `failingSince`, or disables the endpoint if it has failed for longer than `limitMs`.
   *
   * @param failedAt when the endpoint answered, or the attempt failed, ms since 1970
   * @returns `started` if `failingSince` was set, `running` if nothing changed
   */
  async failed(
    appId: string,
    endpointId: string,
    limitMs: number,
    failedAt: number,
  ): Promise<'started' | 'running' | 'disabled'> {
    const isRunning = async (manager: EntityManager, endpoint: Endpoint) =>
      endpoint.disabled || failedAt - sinceOf(endpoint) <= limitMs || (await hasSucceeded(manager, endpoint, failedAt));
    return this.transactions.write(async (manager) => {
      const endpoint = await lockIf(manager, { appId, endpointId }, async (row) => !(await isRunning(manager, row)));
      if (!endpoint || (await isRunning(manager, endpoint))) return 'running';
      const since = sinceOf(endpoint);
      if (
        failedAt - since > 2 * limitMs ||
        (await hasSucceeded(manager, endpoint, since)) ||
        (await wasSucceeding(manager, endpoint, since))
      ) {
        await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: new Date(failedAt) });
        return 'started';
      }
      await this.switchOff(manager, endpoint, failedAt, 'failing');
      return 'disabled';
    });
  }

  /** Disables an endpoint that answered 410 Gone, whatever `failingSince` is. False if it was disabled already, or was deleted. `now`: ms since 1970. */
  async disable(appId: string, endpointId: string, now: number): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const endpoint = await lockIf(manager, { appId, endpointId }, async ({ disabled }) => !disabled);
      if (!endpoint || endpoint.disabled) return false;
      await this.switchOff(manager, endpoint, now, 'gone');
      return true;
    });
  }

  /** A message was delivered: clears `failingSince`. False if it was cleared already. */
  async succeeded(appId: string, endpointId: string): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      const endpoint = await lockIf(manager, { appId, endpointId }, async ({ failingSince }) => failingSince !== null);
      if (endpoint) await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: null });
      return endpoint !== null;
    });
  }

  private async switchOff(manager: EntityManager, endpoint: Endpoint, now: number, because: DisabledBecause): Promise<void> {
    const { id, appId, failingSince } = endpoint;
    const at = new Date(now);
    const change = { disabled: true, disabledAt: at, disabledBecause: because, updatedAt: at };
    await manager.update(Endpoint, { id, appId }, change);
    await this.events.store(manager, 'endpoint.disabled', endpoint, { failSince: failingSince ?? at });
  }
}

/**
 * The endpoint, read after its application's version was incremented and its row locked; null if there is none, or if `isNeeded` says of the endpoint as
 * it was before the lock that nothing is to be changed. Then nothing was.
 */
async function lockIf(
  manager: EntityManager,
  { appId, endpointId }: { appId: string; endpointId: string },
  isNeeded: (endpoint: Endpoint) => Promise<boolean>,
): Promise<Endpoint | null> {
  const read = () => manager.findOneBy(Endpoint, { id: endpointId, appId, deleted: false });
  const before = await read();
  if (!before || !(await isNeeded(before))) return null;
  await manager.increment(Application, { id: appId }, 'version', 1);
  return read();
}

function sinceOf({ failingSince }: Endpoint): number {
  return failingSince?.getTime() ?? -Infinity;
}

/** Whether an attempt that began after this time (ms since 1970) was successful. */
async function hasSucceeded(manager: EntityManager, endpoint: Endpoint, sinceMs: number): Promise<boolean> {
  const found = await successes(manager, endpoint, { after: firstIdAt('atmpt_', sinceMs), limit: 1 });
  return found.length > 0;
}

/**
 * Whether an attempt was successful that began before this time (ms since 1970) and ended after it. If the endpoint gets so many messages
 * that not all of these can be looked at, the answer is yes.
 */
async function wasSucceeding(manager: EntityManager, endpoint: Endpoint, atMs: number): Promise<boolean> {
  const [after, upTo] = [firstIdAt('atmpt_', atMs - LONGEST_ATTEMPT_MS), firstIdAt('atmpt_', atMs + 4)];
  const found = await successes(manager, endpoint, { after, upTo, limit: MAX_SUCCESSES });
  return found.length === MAX_SUCCESSES || found.some((row) => timeOf(row.id) + Number(row.duration) + CLOCK_SKEW_MS > atMs);
}

/** In any order: the index would have to be sorted for another one. */
async function successes(
  manager: EntityManager,
  { id, appId }: Endpoint,
  { after, upTo = 'atmpt_~', limit }: { after: string; upTo?: string; limit: number },
): Promise<{ id: string; duration: number | string }[]> {
  const dialect = dialectOf(manager.connection);
  return manager.query(
    `SELECT id, duration_ms AS duration FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
      WHERE ${endpointIs[dialect]} AND status = ${AttemptStatus.success} AND id > ? AND id < ? AND app_id = ?
      LIMIT ${limit} ${await waitsForRows(manager.connection)}`,
    [id, id, after, upTo, appId],
  );
}
