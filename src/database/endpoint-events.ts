import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { newId } from '../domain/ids.js';
import { OPERATIONS_ORG, type OperationalEventType } from '../domain/operational-event.js';
import { sqlTime } from './dialect.js';
import type { Endpoint } from './entities/endpoint.entity.js';

/**
 * SQL condition: an event of the application `a` must be stored. True if its tenant has an application for operational webhooks, or if
 * the only parameter is 1. Operational webhooks themselves make no events.
 */
export const SHOULD_STORE_EVENT = `a.org_id <> '${OPERATIONS_ORG}' AND (? = 1 OR EXISTS
  (SELECT 1 FROM application o WHERE o.org_id = '${OPERATIONS_ORG}' AND o.uid = a.org_id AND o.deleted = 0))`;

/** Stores the operational events of endpoints. Event and change are in one transaction, so both are written or neither. */
@Injectable()
export class EndpointEvents {
  private readonly always: boolean;

  constructor(@Inject(APP_CONFIG) config: Pick<AppConfig, 'operationalWebhooks'>) {
    this.always = config.operationalWebhooks.url !== null;
  }

  /**
   * Stores an event if it should be stored.
   *
   * @param manager the transaction of the change
   * @param more further properties of the event's data
   * @param id given where several processes may store the same event
   */
  async store(
    manager: EntityManager,
    type: OperationalEventType,
    endpoint: Pick<Endpoint, 'id' | 'appId' | 'uid'>,
    more: Record<string, unknown> = {},
    id: string = newId('opevt_'),
  ): Promise<void> {
    const data = { endpointId: endpoint.id, endpointUid: endpoint.uid, ...more };
    await manager.query(
      `INSERT INTO operational_event (id, type, app_id, data, due_at)
       SELECT ?, ?, a.id, ?, ? FROM application a WHERE a.id = ? AND ${SHOULD_STORE_EVENT}`,
      [id, type, JSON.stringify(data), sqlTime(Date.now()), endpoint.appId, this.always ? 1 : 0],
    );
  }
}
