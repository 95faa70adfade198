import type { Belongings } from '../support/belongings.js';

/** What calls are about. */
export type Ids = Belongings & Record<'unique', string>;
type Arguments = (ids: Ids) => unknown[];

/** Methods of features that this server doesn't have: it says so by name. */
export const UNSUPPORTED =
  /^(connector|ingest|streaming|integration|destination|autoconfigSubscription)\.|[tT]ransformation|^authentication\.(stream|rotateStream|getStream)/;

/** Arguments of those methods that can't do with text alone. */
export const UNSUPPORTED_ARGUMENTS: Record<string, unknown[]> = {
  'streaming.events.create': ['x', { events: [] }],
};

const url = 'http://127.0.0.1:9/hook';
const hour = 3_600_000;
const since = new Date(Date.now() - hour);
const app: Arguments = (ids) => [ids.app_id];
const endpoint: Arguments = (ids) => [ids.app_id, ids.endpoint_id];
const message: Arguments = (ids) => [ids.app_id, ids.msg_id];
const operational: Arguments = (ids) => [ids.operational_id];
const none: Arguments = () => [];

/** What each method of the client is called with, one line for each. The clients of both major versions share it. */
export const CALLS: Record<string, Arguments> = {
  'application.list': none,
  'application.create': () => [{ name: 'Shop' }],
  'application.getOrCreate': ({ unique }) => [{ name: 'Shop', uid: unique }],
  'application.get': app,
  'application.upsert': (ids) => [ids.app_id, { name: 'Shop' }],
  'application.update': (ids) => [ids.app_id, { name: 'Shop' }],
  'application.patch': (ids) => [ids.app_id, { name: 'Store' }],
  'application.delete': app,

  'authentication.appPortalAccess': (ids) => [ids.app_id, {}],
  'authentication.dashboardAccess': app,
  'authentication.expireAll': (ids) => [ids.app_id, {}],
  'authentication.logout': none,

  'backgroundTask.list': none,
  'backgroundTask.listByEndpoint': none,
  'backgroundTask.get': (ids) => [ids.task_id],

  'endpoint.list': app,
  'endpoint.create': (ids) => [ids.app_id, { url, headers: { 'x-a': 'b' } }],
  'endpoint.get': endpoint,
  'endpoint.upsert': (ids) => [...endpoint(ids), { url }],
  'endpoint.update': (ids) => [...endpoint(ids), { url }],
  'endpoint.patch': (ids) => [...endpoint(ids), { description: 'new' }],
  'endpoint.delete': endpoint,
  'endpoint.getSecret': endpoint,
  'endpoint.rotateSecret': (ids) => [...endpoint(ids), {}],
  'endpoint.getHeaders': endpoint,
  'endpoint.setHeaders': (ids) => [...endpoint(ids), { headers: { 'x-a': 'b' } }],
  'endpoint.updateHeaders': (ids) => [...endpoint(ids), { headers: { 'x-a': 'b' } }],
  'endpoint.headersUpdate': (ids) => [...endpoint(ids), { headers: { 'x-a': 'b' } }],
  'endpoint.patchHeaders': (ids) => [...endpoint(ids), { headers: { 'x-a': 'b' }, deleteHeaders: ['x-c'] }],
  'endpoint.headersPatch': (ids) => [...endpoint(ids), { headers: { 'x-a': 'b' } }],
  'endpoint.getStats': endpoint,
  'endpoint.sendExample': (ids) => [...endpoint(ids), { eventType: 'svix.ping' }],
  'endpoint.recover': (ids) => [...endpoint(ids), { since }],
  'endpoint.replayMissing': (ids) => [...endpoint(ids), { since }],
  'endpoint.bulkReplay': (ids) => [...endpoint(ids), { since }],

  'environment.export': none,
  'environment.import': () => [{ createdAt: new Date(), version: 1, eventTypes: [] }],

  'eventType.list': none,
  'eventType.create': ({ unique }) => [{ name: unique, description: '' }],
  'eventType.get': (ids) => [ids.event_type_name],
  'eventType.upsert': (ids) => [ids.event_type_name, { description: '' }],
  'eventType.update': (ids) => [ids.event_type_name, { description: '' }],
  'eventType.patch': (ids) => [ids.event_type_name, { description: 'new' }],
  'eventType.delete': (ids) => [ids.event_type_name],
  'eventType.importOpenapi': () => [{ spec: { openapi: '3.1.0', info: { title: 'a', version: '1' }, webhooks: {} } }],

  'health.get': none,

  'message.list': app,
  'message.create': (ids) => [ids.app_id, { eventType: 'order.paid', payload: { order: 1 } }],
  'message.get': message,
  'message.precheck': (ids) => [ids.app_id, { eventType: 'order.paid' }],
  'message.expungeContent': message,
  'message.bulkExpungeContent': (ids) => [ids.app_id, { ids: [ids.msg_id] }],
  'message.expungeAllContents': app,
  'message.poller.poll': (ids) => [ids.app_id, ids.sink_id],
  'message.poller.consumerPoll': (ids) => [ids.app_id, ids.sink_id, 'reader'],
  'message.poller.consumerSeek': (ids) => [ids.app_id, ids.sink_id, 'reader', { after: since }],

  'messageAttempt.listByEndpoint': endpoint,
  'messageAttempt.listByMsg': message,
  'messageAttempt.listAttemptedMessages': endpoint,
  'messageAttempt.listAttemptedDestinations': message,
  'messageAttempt.get': (ids) => [...message(ids), ids.attempt_id],
  'messageAttempt.expungeContent': (ids) => [...message(ids), ids.attempt_id],
  'messageAttempt.resend': (ids) => [...message(ids), ids.endpoint_id],

  'operationalWebhook.endpoint.list': none,
  'operationalWebhook.endpoint.create': () => [{ url }],
  'operationalWebhook.endpoint.get': operational,
  'operationalWebhook.endpoint.upsert': (ids) => [...operational(ids), { url }],
  'operationalWebhook.endpoint.update': (ids) => [...operational(ids), { url }],
  'operationalWebhook.endpoint.delete': operational,
  'operationalWebhook.endpoint.getSecret': operational,
  'operationalWebhook.endpoint.rotateSecret': (ids) => [...operational(ids), {}],
  'operationalWebhook.endpoint.getHeaders': operational,
  'operationalWebhook.endpoint.setHeaders': (ids) => [...operational(ids), { headers: { 'x-a': 'b' } }],
  'operationalWebhook.endpoint.updateHeaders': (ids) => [...operational(ids), { headers: { 'x-a': 'b' } }],

  'statistics.aggregateAppStats': () => [{ since, until: new Date() }],
  'statistics.aggregateEventTypes': none,
};

// The first major version has operational webhooks under two names.
for (const [name, call] of Object.entries(CALLS)) {
  if (name.startsWith('operationalWebhook.endpoint.'))
    CALLS[name.replace('operationalWebhook.endpoint.', 'operationalWebhookEndpoint.')] = call;
}
