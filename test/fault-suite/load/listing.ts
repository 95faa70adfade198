import type { ListedAttempt, ListedDelivery, ListedMessage } from '../records.js';
import type { Client } from './client.js';
import type { Customer } from './customers.js';

const LIMIT = 250;
const STATUSES: ListedDelivery['status'][] = ['success', 'pending', 'fail', 'sending'];

/** All messages of these applications, as the API lists them. */
export async function listMessages(customers: readonly Customer[]): Promise<ListedMessage[]> {
  const messages: ListedMessage[] = [];
  for (const { app, client } of customers)
    for await (const { id, payload, eventType, timestamp } of items(client, `/app/${app}/msg`, 'with_content=true'))
      messages.push({ id, app, n: payload.n, type: eventType, at: Date.parse(timestamp) });
  return messages;
}

/** All deliveries whose first attempt has ended. */
export async function listDeliveries(customers: readonly Customer[]): Promise<ListedDelivery[]> {
  const deliveries: ListedDelivery[] = [];
  for (const { app, client, endpoints } of customers)
    for (const { id: ep } of endpoints)
      for await (const { id, status } of items(client, `/app/${app}/endpoint/${ep}/msg`, 'with_content=false'))
        deliveries.push({ msg: id, ep, status: STATUSES[status]! });
  return deliveries;
}

/** Whether one of the deliveries that have had an attempt is still open. Cheap enough to be asked again and again. */
export async function anyOpen(customers: readonly Customer[]): Promise<boolean> {
  for (const { app, client, endpoints } of customers)
    for (const { id: ep } of endpoints) {
      const path = `/app/${app}/endpoint/${ep}/msg?limit=1&with_content=false&status=${STATUSES.indexOf('sending')}`;
      const { status, body } = await client.request('GET', path);
      if (status !== 200 || body.data.length > 0) return true;
    }
  return false;
}

/** All attempts. */
export async function listAttempts(customers: readonly Customer[]): Promise<ListedAttempt[]> {
  const attempts: ListedAttempt[] = [];
  for (const { app, client, endpoints } of customers)
    for (const { id: ep } of endpoints)
      for await (const { id, msgId, responseStatusCode, timestamp, response, responseDurationMs } of items(
        client,
        `/app/${app}/attempt/endpoint/${ep}`,
        'with_content=false',
      ))
        attempts.push({
          id,
          msg: msgId,
          ep,
          code: responseStatusCode,
          at: Date.parse(timestamp),
          ms: responseDurationMs,
          said: response.slice(0, 80),
        });
  return attempts;
}

/** Page by page. Throws if a page can't be had. */
async function* items(client: Client, path: string, query: string): AsyncGenerator<any> {
  let iterator = '';
  for (;;) {
    const { status, body } = await client.request('GET', `${path}?limit=${LIMIT}&${query}${iterator}`);
    if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${JSON.stringify(body)}`);
    yield* body.data;
    if (body.done) return;
    iterator = `&iterator=${encodeURIComponent(body.iterator)}`;
  }
}
