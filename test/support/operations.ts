import { RouteCatalog } from '../../src/api/auth/route-catalog.js';
import type { Route } from '../../src/api/auth/route.js';
import { apiAt, type Answer } from './api.js';
import type { TestApp } from './app.js';

/**
 * Who may call an operation. A capability means: the token of the application in the path, if it has this capability. The token of the
 * organisation may call all of them.
 */
export type For =
  | 'everybody'
  | 'organization'
  /** An operator only. */
  | 'operator'
  /** The organisation about what belongs to it, an operator about all. */
  | 'organization or operator'
  | 'ViewBase'
  | 'ViewEndpointSecret'
  | 'ManageEndpointSecret'
  | 'ManageEndpoint'
  | 'CreateAttempts'
  /** Any application's token, about what belongs to the organisation. */
  | 'any token'
  /** Every token, also an operator's: it is about the token itself. */
  | 'every token';

/** What a test must know to call an operation successfully. */
export interface Operation {
  for: For;
  /** A valid body. */
  body?: unknown;
  /** The status if the object in the path does not exist for the caller: a PUT creates one. */
  elsewhere?: 201;
  /** Allowed callers get 404, because its object can not be created through the API. */
  nothingThere?: true;
  /** It is part of sending messages: a key that may only send may call it. */
  sends?: true;
  /** The query that it needs. */
  query?: string;
}

const app = '/api/v1/app/{app_id}';
const operational = '/api/v1/operational-webhook/endpoint';
const endpoint = `${app}/endpoint/{endpoint_id}`;
const message = `${app}/msg/{msg_id}`;
const since = new Date(Date.now() - 3_600_000).toISOString();
const url = 'http://127.0.0.1:9/hook';

/** All operations. The tests that use this table fail if a route is missing here. */
export const OPERATIONS: Record<string, Operation> = {
  'GET /': { for: 'everybody' },
  'GET /docs': { for: 'everybody' },
  'GET /docs/{guide}': { for: 'everybody' },
  'GET /portal': { for: 'everybody' },
  'GET /portal/settings.json': { for: 'everybody' },
  'GET /portal/assets/{file}': { for: 'everybody', nothingThere: true },
  'GET /console': { for: 'everybody' },
  'GET /health': { for: 'everybody' },
  'GET /health/live': { for: 'everybody' },
  'GET /health/ready': { for: 'everybody' },
  'GET /api/v1/openapi.json': { for: 'everybody' },
  'GET /api/v1/health': { for: 'everybody' },
  'GET /api/v1/health/ping': { for: 'everybody' },

  'POST /api/v1/auth/app-portal-access/{app_id}': { for: 'organization', body: {} },
  'POST /api/v1/auth/dashboard-access/{app_id}': { for: 'organization' },
  'POST /api/v1/auth/app/{app_id}/expire-all': { for: 'organization', body: { sessionIds: ['nobody'] } },
  'POST /api/v1/auth/logout': { for: 'every token' },

  'POST /api/v1/auth/api-token': { for: 'organization', body: { name: 'walked' } },
  'GET /api/v1/auth/api-token': { for: 'organization' },
  'GET /api/v1/auth/api-token/{key_id}': { for: 'organization' },
  'POST /api/v1/auth/api-token/{key_id}/expire': { for: 'organization', body: { expiry: 3600 } },
  'POST /api/v1/auth/api-token/{key_id}/rotate': { for: 'organization', body: { gracePeriodSeconds: 0 } },

  'GET /api/v1/app': { for: 'organization' },
  'POST /api/v1/app': { for: 'organization', body: { name: 'Shop' } },
  [`GET ${app}`]: { for: 'ViewBase' },
  [`PUT ${app}`]: { for: 'organization', body: { name: 'Shop' }, elsewhere: 201 },
  [`PATCH ${app}`]: { for: 'organization', body: { name: 'Shop' } },
  [`DELETE ${app}`]: { for: 'organization' },

  'GET /api/v1/event-type': { for: 'any token' },
  'POST /api/v1/event-type/import/openapi': { for: 'organization', body: { spec: { openapi: '3.1.0', webhooks: {} } } },
  'POST /api/v1/environment/export': { for: 'organization' },
  'POST /api/v1/environment/import': { for: 'organization', body: { version: 1, createdAt: since, eventTypes: [] } },
  'POST /api/v1/event-type': { for: 'organization', body: { name: 'walked', description: '' } },
  'GET /api/v1/event-type/{event_type_name}': { for: 'any token' },
  'PUT /api/v1/event-type/{event_type_name}': { for: 'organization', body: { description: '' }, elsewhere: 201 },
  'PATCH /api/v1/event-type/{event_type_name}': { for: 'organization', body: { description: 'new' } },
  'DELETE /api/v1/event-type/{event_type_name}': { for: 'organization' },

  [`GET ${app}/endpoint`]: { for: 'ViewBase' },
  [`POST ${app}/endpoint`]: { for: 'ManageEndpoint', body: { url, disabled: true } },
  [`GET ${endpoint}`]: { for: 'ViewBase' },
  [`PUT ${endpoint}`]: { for: 'ManageEndpoint', body: { url }, elsewhere: 201 },
  [`PATCH ${endpoint}`]: { for: 'ManageEndpoint', body: { description: 'new' } },
  [`DELETE ${endpoint}`]: { for: 'ManageEndpoint' },
  [`GET ${endpoint}/secret`]: { for: 'ViewEndpointSecret' },
  [`POST ${endpoint}/secret/rotate`]: { for: 'ManageEndpointSecret', body: { gracePeriodSeconds: 0 } },
  [`GET ${endpoint}/headers`]: { for: 'ViewBase' },
  [`PUT ${endpoint}/headers`]: { for: 'ManageEndpoint', body: { headers: { 'x-a': 'b' } } },
  [`PATCH ${endpoint}/headers`]: { for: 'ManageEndpoint', body: { headers: { 'x-a': 'b' } } },
  [`GET ${endpoint}/msg`]: { for: 'ViewBase' },
  [`GET ${endpoint}/state`]: { for: 'ViewBase' },
  [`GET ${endpoint}/stats`]: { for: 'ViewBase' },
  [`POST ${endpoint}/send-example`]: { for: 'organization', body: { eventType: 'svix.ping' } },
  [`POST ${endpoint}/test-event`]: { for: 'ManageEndpoint', body: { eventType: 'svix.ping' } },
  [`POST ${endpoint}/recover`]: { for: 'CreateAttempts', body: { since } },
  [`POST ${endpoint}/replay-missing`]: { for: 'CreateAttempts', body: { since } },
  [`POST ${endpoint}/bulk-replay`]: { for: 'CreateAttempts', body: { since } },

  [`GET ${app}/msg`]: { for: 'ViewBase' },
  [`POST ${app}/msg`]: { for: 'organization', sends: true, body: { eventType: 'walked', payload: {} } },
  [`GET ${message}`]: { for: 'ViewBase' },
  [`POST ${app}/msg/batch`]: { for: 'organization', sends: true, body: [{ eventType: 'walked', payload: {} }] },
  [`POST ${app}/msg/precheck/active`]: { for: 'organization', sends: true, body: { eventType: 'walked' } },
  [`POST ${app}/msg/bulk-expunge`]: { for: 'organization', body: { ids: ['nobody'] } },
  [`POST ${app}/msg/expunge-all-contents`]: { for: 'organization' },
  [`DELETE ${message}/content`]: { for: 'organization' },
  [`GET ${message}/endpoint`]: { for: 'ViewBase' },
  [`POST ${message}/endpoint/{endpoint_id}/resend`]: { for: 'CreateAttempts' },
  [`GET ${message}/attempt`]: { for: 'ViewBase' },
  [`GET ${message}/attempt/{attempt_id}`]: { for: 'ViewBase' },
  [`DELETE ${message}/attempt/{attempt_id}/content`]: { for: 'organization' },
  [`GET ${message}/endpoint/{endpoint_id}/attempt`]: { for: 'ViewBase' },

  [`GET ${app}/attempt/endpoint/{endpoint_id}`]: { for: 'ViewBase' },
  [`GET ${app}/attempt/msg/{msg_id}`]: { for: 'ViewBase' },

  [`GET ${app}/poller/{sink_id}`]: { for: 'ViewBase' },
  [`GET ${app}/poller/{sink_id}/consumer/{consumer_id}`]: { for: 'ViewBase' },
  [`POST ${app}/poller/{sink_id}/consumer/{consumer_id}/seek`]: { for: 'ViewBase', body: { after: since } },

  [`GET ${operational}`]: { for: 'organization' },
  [`POST ${operational}`]: { for: 'organization', body: { url } },
  [`GET ${operational}/{endpoint_id}`]: { for: 'organization' },
  [`PUT ${operational}/{endpoint_id}`]: { for: 'organization', body: { url }, elsewhere: 201 },
  [`PATCH ${operational}/{endpoint_id}`]: { for: 'organization', body: { description: 'new' } },
  [`DELETE ${operational}/{endpoint_id}`]: { for: 'organization' },
  [`GET ${operational}/{endpoint_id}/secret`]: { for: 'organization' },
  [`POST ${operational}/{endpoint_id}/secret/rotate`]: { for: 'organization', body: { gracePeriodSeconds: 0 } },
  [`GET ${operational}/{endpoint_id}/headers`]: { for: 'organization' },
  [`PUT ${operational}/{endpoint_id}/headers`]: { for: 'organization', body: { headers: { 'x-a': 'b' } } },
  [`PATCH ${operational}/{endpoint_id}/headers`]: { for: 'organization', body: { headers: { 'x-a': 'b' } } },

  'GET /api/v1/background-task': { for: 'any token' },
  'GET /api/v1/background-task/{task_id}': { for: 'ViewBase' },
  'POST /api/v1/stats/usage/app': { for: 'organization', body: { since, until: new Date().toISOString() } },
  'PUT /api/v1/stats/usage/event-types': { for: 'organization' },
  [`GET ${app}/stats/attempt`]: { for: 'ViewBase' },
  'GET /api/v1/stats/attempt': { for: 'organization or operator' },
  'GET /api/v1/stats/endpoint': { for: 'organization or operator' },
  'GET /api/v1/stats/usage/limits': { for: 'organization' },
  'GET /api/v1/stats/usage/key': { for: 'organization or operator' },
  'GET /api/v1/admin/organization': { for: 'operator' },
  'GET /api/v1/admin/organization/{org_id}/limits': { for: 'operator' },
  'PUT /api/v1/admin/organization/{org_id}/limits': { for: 'operator', body: { maxApps: 1000 } },
  'DELETE /api/v1/admin/organization/{org_id}/limits': { for: 'operator' },
  'GET /api/v1/admin/task': { for: 'operator' },
  'GET /api/v1/admin/backlog': { for: 'operator' },
  'GET /api/v1/audit-log': { for: 'organization or operator' },
  'GET /api/v1/search': { for: 'organization or operator', query: '?q=walked' },
  'GET /api/v1/admin/dead-letter': { for: 'organization or operator' },
  'POST /api/v1/admin/dead-letter/{id}/redrive': { for: 'organization or operator', nothingThere: true },
  'POST /api/v1/admin/redrive-dlq': { for: 'organization or operator' },
};

/** Every route that the application serves. */
export function routesOf({ nest }: Pick<TestApp, 'nest'>): Route[] {
  return nest.get(RouteCatalog, { strict: false }).all();
}

/** The key of a route in the table. */
export const keyOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`;

/** An operation of the table, with the parts of its key. */
export interface KnownOperation extends Operation {
  key: string;
  method: string;
  path: string;
}

/** The operations of the table. */
export function operations(): KnownOperation[] {
  return Object.entries(OPERATIONS).map(([key, operation]) => {
    const [method = '', path = ''] = key.split(' ');
    return { key, method, path, ...operation };
  });
}

/** Objects that exist without being created. */
const THERE: Record<string, string> = { guide: 'first-webhook', consumer_id: 'reader', org_id: 'org_walked' };

/** The ids for the parameters of a path. Operational endpoints are other endpoints than those of applications. */
export function idsAt(path: string, ids: Record<string, string>): Record<string, string> {
  const endpoint = path.startsWith(operational) ? ids['operational_id'] : ids['endpoint_id'];
  return { ...THERE, ...ids, ...(endpoint !== undefined && { endpoint_id: endpoint }) };
}

/** Calls an operation with ids in its path. A parameter without an id gets one that does not exist. */
export function called(
  { url }: Pick<TestApp, 'url'>,
  { method, path, body, query = '' }: KnownOperation,
  ids: Record<string, string>,
  token: string | undefined,
): Promise<Answer> {
  const known = idsAt(path, ids);
  const at = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(known[name] ?? 'nobody'));
  const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return apiAt(url, token).raw(method, at + query, body === undefined ? {} : json);
}
