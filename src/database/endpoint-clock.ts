import { Injectable } from '@nestjs/common';
import { Application } from './entities/application.entity.js';
import { Endpoint } from './entities/endpoint.entity.js';
import { Transactions } from './transactions.js';

/**
 * How long an endpoint has done nothing but fail. Kept in the database, so that no restart forgets it; every change raises the
 * application's version, because the endpoints that others keep in memory carry it.
 */
@Injectable()
export class EndpointClock {
  constructor(private readonly transactions: Transactions) {}

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
      await manager.update(Endpoint, { id: endpointId, appId }, { disabled: true, updatedAt: new Date(now) });
      return 'disabled';
    });
  }

  /** A message went well: the clock is forgotten. */
  async succeeded(appId: string, endpointId: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      await manager.increment(Application, { id: appId }, 'version', 1);
      await manager.update(Endpoint, { id: endpointId, appId }, { failingSince: null });
    });
  }
}
