import type { ClaimedDelivery } from '../domain/delivery.js';
import { entityTime, newId } from '../domain/ids.js';
import type { OperationalEvent, OperationalEventType } from '../domain/operational-event.js';
import type { Outcome } from '../domain/outcome.js';

/** So many attempts in a row have failed when the tenant is told for the first time. */
const FAILED_ATTEMPTS = 4;

/**
 * What the tenant is to be told of an automatic attempt, null for nothing: most go well the first time.
 *
 * @param always also where nobody here wants to be told
 */
export function attemptEvent(
  { appId, msgId, endpointId, run, attempts }: ClaimedDelivery,
  attempt: { id: string; statusCode: number },
  outcome: Outcome,
  always: boolean,
): OperationalEvent | null {
  const type = run === 0 ? typeOf(attempts + 1, outcome) : null;
  if (type === null) return null;
  const lastAttempt = { id: attempt.id, responseStatusCode: attempt.statusCode, timestamp: entityTime(attempt.id) };
  return { id: newId('opevt_'), type, appId, data: { msgId, endpointId, lastAttempt }, always };
}

/** @param attempt counts from 1 */
function typeOf(attempt: number, { kind }: Outcome): OperationalEventType | null {
  if (kind === 'failed') return 'message.attempt.exhausted';
  if (kind === 'retry') return attempt === FAILED_ATTEMPTS ? 'message.attempt.failing' : null;
  return attempt > FAILED_ATTEMPTS ? 'message.attempt.recovered' : null;
}
