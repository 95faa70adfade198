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
 * How long an endpoint has done nothing but fail. Kept in the database, so that no restart forgets it; every change raises the
 * application's version, because the endpoints that others keep in memory carry it.
 *
 * A clock is forgotten after twice the limit: two failures that far apart tell little of the time between them, and an endpoint that
 * gets few messages would be disabled by its second bad day. A success counts even where the clock missed it, because the database
 * was away when it should have been cleared: its attempt is there.
 */
@Injectable()
export class EndpointFailureRepository {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: EndpointEvents,
  ) {}

  /** A message was given up: starts the clock, or disables the endpoint when it has run for longer than `limitMs`. */
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

  /** Disables the endpoint, whatever its clock says. False if it was disabled already, or is gone. */
  async disable(appId: string, endpointId: string, now: number): Promise<boolean> {
    return this.transactions.write(async (manager) => {
      await manager.increment(Application, { id: appId }, 'version', 1);
      const endpoint = await manager.findOneBy(Endpoint, { id: endpointId, appId, deleted: false });
      if (!endpoint || endpoint.disabled) return false;
      await this.switchOff(manager, endpoint, now);
      return true;
    });
  }

  /** A message went well: the clock is forgotten. */
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

/** Whether an attempt that began since then went well. */
async function hasSucceeded(manager: EntityManager, { id, appId }: Endpoint, sinceMs: number): Promise<boolean> {
  const dialect = dialectOf(manager.connection);
  const found: unknown[] = await manager.query(
    `SELECT 1 FROM attempt ${useIndex(dialect, 'attempt_by_endpoint')}
      WHERE ${endpointIs[dialect]} AND status = ${AttemptStatus.success} AND id > ? AND app_id = ? LIMIT 1`,
    [id, id, firstIdAt('atmpt_', sinceMs), appId],
  );
  return found.length > 0;
}
