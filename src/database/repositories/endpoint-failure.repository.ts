import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { firstIdAt } from '../../domain/ids.js';
import { dialectOf, endpointIs, useIndex } from '../dialect.js';
import { EndpointEvents } from '../endpoint-events.js';
import { Application } from '../entities/application.entity.js';
import { AttemptStatus } from '../entities/attempt.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { Transactions } from '../transactions.js';

/**
 * Stores since when all messages to an endpoint fail (`failingSince`), and disables endpoints that have failed for too long. Every change
 * increments the application's version, because the cached endpoints of all processes contain the value.
 *
 * - A `failingSince` older than twice the limit is replaced by the present. Otherwise an endpoint that gets few messages would be disabled
 *   by two failures that are far apart.
 * - If `succeeded` was never called, because the database could not be reached: `failed` finds the successful attempt.
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
   * @param now ms since 1970
   * @returns `started` if `failingSince` was set, `running` if nothing changed
   */
  async failed(appId: string, endpointId: string, limitMs: number, now: number): Promise<'started' | 'running' | 'disabled'> {
    return this.transactions.write(async (manager) => {
      await manager.increment(Application, { id: appId }, 'version', 1);
      const endpoint = await manager.findOneBy(Endpoint, { id: endpointId, appId, deleted: false });
      if (!endpoint || endpoint.disabled) return 'running';
      const since = endpoint.failingSince?.getTime() ?? -Infinity;
      if (now - since <= limitMs) return 'running';
      if (now - since > 2 * limitMs || (await hasSucceeded(manager, endpoint, since))) {
        await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: new Date(now) });
        return 'started';
      }
      await this.switchOff(manager, endpoint, now);
      return 'disabled';
    });
  }

  /** Disables the endpoint whatever `failingSince` is. False if it was disabled already, or was deleted. `now`: ms since 1970. */
  async disable(appId: string, endpointId: string, now: number): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      await manager.increment(Application, { id: appId }, 'version', 1);
      const endpoint = await manager.findOneBy(Endpoint, { id: endpointId, appId, deleted: false });
      if (!endpoint || endpoint.disabled) return false;
      await this.switchOff(manager, endpoint, now);
      return true;
    });
  }

  /** A message was delivered: clears `failingSince`. */
  async succeeded(appId: string, endpointId: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.increment(Application, { id: appId }, 'version', 1);
      await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: null });
    });
  }

  private async switchOff(manager: EntityManager, endpoint: Endpoint, now: number): Promise<void> {
    const { id, appId, failingSince } = endpoint;
    await manager.update(Endpoint, { id, appId }, { disabled: true, updatedAt: new Date(now) });
    await this.events.store(manager, 'endpoint.disabled', endpoint, { failSince: failingSince ?? new Date(now) });
  }
}

/** Whether an attempt that began after this time (ms since 1970) was successful. */
async function hasSucceeded(manager: EntityManager, { id, appId }: Endpoint, sinceMs: number): Promise<boolean> {
  const dialect = dialectOf(manager.connection);
  const found: unknown[] = await manager.query(
    `SELECT 1 FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
      WHERE ${endpointIs[dialect]} AND status = ${AttemptStatus.success} AND id > ? AND app_id = ? LIMIT 1`,
    [id, id, firstIdAt('atmpt_', sinceMs), appId],
  );
  return found.length > 0;
}
