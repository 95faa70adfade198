import type { Records } from '../records.js';
import { byDelivery, expectedDeliveries, keyOf } from './lookup.js';
import { verdict, type Verdict } from './verdict.js';

/** Each message that was answered with 202 is listed, and each of its deliveries has arrived, or is listed as failed with all its attempts. */
export function lost(records: Records): Verdict {
  const listed = new Set(records.messages.map(({ id }) => id));
  const accepted = records.sent.filter(({ answer }) => answer === 'accepted');
  const unlisted = accepted.filter(({ id }) => !listed.has(id!)).map(({ id, n }) => `${id} (message ${n}) is not listed`);
  const status = new Map(records.deliveries.map((delivery) => [keyOf(delivery), delivery.status]));
  const arrived = byDelivery(records.receipts.filter(({ code }) => isSuccess(code)));
  const attempts = byDelivery(records.attempts);

  const expected = expectedDeliveries(records);
  const missing = expected.flatMap((pair) => {
    const key = keyOf(pair);
    const tried = attempts.get(key)?.length ?? 0;
    if (status.get(key) === 'success') return arrived.has(key) ? [] : [`${key} is listed as delivered, but did not arrive`];
    if (status.get(key) !== 'fail') return status.has(key) ? [] : [`${key} has no delivery`];
    return tried >= records.rules.attempts ? [] : [`${key} is listed as failed after ${tried} attempts`];
  });
  const unanswered = records.sent.filter(
    ({ answer, n }) => answer === 'none' && records.messages.some((message) => message.n === n),
  );
  return verdict('no message is lost', accepted.length, [...unlisted, ...missing], {
    'not answered, accepted nevertheless': unanswered.length,
  });
}

export const isSuccess = (code: number | null) => code !== null && code >= 200 && code < 300;
