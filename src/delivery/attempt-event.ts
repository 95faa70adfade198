import type { ClaimedDelivery } from '../domain/delivery.js';
import { entityTime, newId } from '../domain/ids.js';
import type { OperationalEvent, OperationalEventType } from '../domain/operational-event.js';
import type { Outcome } from '../domain/outcome.js';

/** After so many failed attempts in a row the tenant gets its first event. */
const FAILED_ATTEMPTS = 4;

/**
 * The operational webhook that an automatic attempt causes; null for none. Most attempts cause none.
 *
 * @param always whether it is stored even if no application here wants it
 */
export function attemptEvent(
  { appId, msgId, endpointId, run, attempts }: Pick<ClaimedDelivery, 'appId' | 'msgId' | 'endpointId' | 'run' | 'attempts'>,
  attempt: { id: string; statusCode: number },
  outcome: Outcome,
  always: boolean,
): OperationalEvent | null {
  const type = run === 0 ? typeOf(attempts + 1, outcome) : null;
  if (type === null) return null;
  const lastAttempt = { id: attempt.id, responseStatusCode: attempt.statusCode, timestamp: entityTime(attempt.id) };
  return { id: newId('opevt_'), type, appId, data: { msgId, endpointId, lastAttempt }, always };
}

/** @param attempt its number, from 1 */
function typeOf(attempt: number, { kind }: Outcome): OperationalEventType | null {
  if (kind === 'failed') return 'message.attempt.exhausted';
  if (kind === 'retry') return attempt === FAILED_ATTEMPTS ? 'message.attempt.failing' : null;
  return attempt > FAILED_ATTEMPTS ? 'message.attempt.recovered' : null;
}
