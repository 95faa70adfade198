import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { newId } from '../domain/ids.js';
import { OPERATIONS_ORG, type OperationalEventType } from '../domain/operational-event.js';
import { sqlTime } from './dialect.js';
import type { Endpoint } from './entities/endpoint.entity.js';

/**
 * Whether anybody wants to be told of what happens in the application `a`: its tenant has an operational application here, or
 * the one parameter is 1. What is told to tenants is itself no news to anybody.
 */
export const WANTED = `a.org_id <> '${OPERATIONS_ORG}' AND (? = 1 OR EXISTS
  (SELECT 1 FROM application o WHERE o.org_id = '${OPERATIONS_ORG}' AND o.uid = a.org_id AND o.deleted = 0))`;

/** Notes what happens to endpoints, in the transaction in which it happens: neither stands without the other. */
@Injectable()
export class EndpointEvents {
  private readonly always: boolean;

  constructor(@Inject(APP_CONFIG) config: Pick<AppConfig, 'operationalWebhooks'>) {
    this.always = config.operationalWebhooks.url !== null;
  }

  async note(
    manager: EntityManager,
    type: OperationalEventType,
    endpoint: Pick<Endpoint, 'id' | 'appId' | 'uid'>,
    more: Record<string, unknown> = {},
  ): Promise<void> {
    const data = { endpointId: endpoint.id, endpointUid: endpoint.uid, ...more };
    await manager.query(
      `INSERT INTO operational_event (id, type, app_id, data, due_at)
       SELECT ?, ?, a.id, ?, ? FROM application a WHERE a.id = ? AND ${WANTED}`,
      [newId('opevt_'), type, JSON.stringify(data), sqlTime(Date.now()), endpoint.appId, this.always ? 1 : 0],
    );
  }
}
