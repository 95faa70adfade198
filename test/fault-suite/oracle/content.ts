import type { ListedMessage, Records } from '../records.js';
import { expectedDeliveries, keyOf, overAt } from './lookup.js';
import { verdict, type Verdict } from './verdict.js';

/** Each request has the bytes of its message's payload. */
export function bytes({ sent, receipts }: Records): Verdict {
  const hashes = new Map(sent.map(({ n, hash }) => [n, hash]));
  const wrong = receipts.filter(({ n, hash }) => hashes.get(n) !== hash);
  return verdict(
    'the bytes are exact',
    receipts.length,
    wrong.map((receipt) => `${keyOf(receipt)}: message ${receipt.n} arrived changed`),
  );
}

/** A client repeats a request for this long. */
const REPEATED_MS = 60_000;

/**
 * A request that a client repeats makes no second message, and no message goes to an endpoint that is not to get it. The key of a batch is in Redis alone: if Redis was away or lost it
 * meanwhile, the batch is there twice, as operations.md says.
 */
export function once(records: Records): Verdict {
  const byNumber = Map.groupBy(records.messages, ({ n }) => n);
  const batches = new Set(records.sent.filter(({ batch }) => batch).map(({ n }) => n));
  const away = records.faults.filter(({ forgot }) => forgot);
  const isForgotten = (n: number, made: readonly ListedMessage[]) => {
    const last = Math.max(...made.map(({ at }) => at));
    return batches.has(n) && away.some((fault) => last >= fault.from && last <= overAt(fault) + REPEATED_MS);
  };
  const several = [...byNumber].filter(([, made]) => made.length > 1);
  const doubled = several.filter(([n, made]) => !isForgotten(n, made));
  const expected = new Set(expectedDeliveries(records).map(keyOf));
  const astray = records.receipts.map(keyOf).filter((key) => !expected.has(key));
  return verdict(
    'a key makes one message',
    byNumber.size,
    [
      ...doubled.map(([n, made]) => `message ${n} is there as ${made.map(({ id }) => id).join(' and ')}`),
      ...[...new Set(astray)].map((key) => `${key} arrived, but is not listed as a message for this endpoint`),
    ],
    { 'of a batch that was repeated while Redis was away': several.length - doubled.length },
  );
}
