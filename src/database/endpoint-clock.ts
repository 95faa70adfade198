import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { EndpointEvents } from './endpoint-events.js';
import { Application } from './entities/application.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { Transactions } from './transactions.js';

/**
 * How long an endpoint has done nothing but fail. Kept in the database, so that no restart forgets it; every change raises the
 * application's version, because the endpoints that others keep in memory carry it.
 */
@Injectable()
export class EndpointClock {
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
      if (endpoint.failingSince === null) {
        await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: new Date(now) });
        return 'started';
      }
      if (now - endpoint.failingSince.getTime() <= limitMs) return 'running';
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
    await this.events.note(manager, 'endpoint.disabled', endpoint, { failSince: failingSince ?? new Date(now) });
  }
}
