import type { EntityManager } from 'typeorm';
import { newId } from '../domain/ids.js';
import type { OperationalEventType } from '../domain/operational-event.js';
import { sqlTime } from './dialect.js';
import type { Endpoint } from './entities/endpoint.entity.js';

/** Notes what happened to an endpoint, in the transaction in which it happens: neither stands without the other. */
export async function recordEndpointEvent(
  manager: EntityManager,
  type: OperationalEventType,
  endpoint: Pick<Endpoint, 'id' | 'appId' | 'uid'>,
  more: Record<string, unknown> = {},
): Promise<void> {
  const data = { endpointId: endpoint.id, endpointUid: endpoint.uid, ...more };
  await manager.query('INSERT INTO operational_event (id, type, app_id, data, due_at) VALUES (?, ?, ?, ?, ?)', [
    newId('opevt_'),
    type,
    endpoint.appId,
    JSON.stringify(data),
    sqlTime(Date.now()),
  ]);
}
