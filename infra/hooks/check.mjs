import { setTimeout as sleep } from 'node:timers/promises';
import { apiCaller } from './api.mjs';
import { until } from './deadline.mjs';
import { errorText } from './error-text.mjs';
import { endpointSecret } from './signing.mjs';

/** The tenant of checks: nobody else's lists show them. */
const ORG_ID = 'org_release_check';
const EVERY_MS = 1_000;
/** So many messages in a row, once a first attempt has failed. */
const GOOD_AFTER_FAILURE = 3;
const REQUEST_LIMIT_MS = 10_000;
const CLEANUP_LIMIT_MS = 5_000;

/** The release is not good: what was wrong, in a sentence. */
export class CheckFailed extends Error {
  /** @override */
  name = 'CheckFailed';
}

/**
 * @typedef {object} Check
 * @property {string} apiUrl the listener that is checked
 * @property {string} receiverUrl where the webhook goes
 * @property {string} jwtSecret JWT_SECRET as the service gets it: one secret, or a list
 * @property {string} receiverKey
 * @property {string} name of this check, of characters that a uid may have
 * @property {AbortSignal} signal
 */

/**
 * Sends a message through a listener, as a customer would, and looks whether it was delivered, signed: the dependencies are up,
 * an application and an endpoint are made, a message is accepted, its first attempt reached the receiver, and the receiver found the
 * signature right. Throws CheckFailed, ApiFailed, or what fetch and the signal throw. Cleans up after itself, as far as it can.
 *
 * Only first attempts count: the release that accepts a message makes them. The next ones may be made by the release before, and would
 * hide that this one delivers nothing. After a first attempt that reached nobody, several messages in a row have to be delivered: the
 * release before may have got one of them, by the queue.
 * @param {Check} check
 */
export async function checkRelease(check) {
  const { signal, apiUrl, name } = check;
  const call = caller(check);
  await until(signal, EVERY_MS, () => healthy(`${apiUrl}/health`, signal));
  await call('POST', '/api/v1/app?get_if_exists=true', { name: 'Release check', uid: name });
  try {
    const secret = endpointSecret(check.receiverKey);
    const endpoint = await call('POST', `/api/v1/app/${name}/endpoint`, { url: check.receiverUrl, secret });
    let [needed, inARow] = [1, 0];
    while (inARow < needed) {
      if (await reached(call, check, endpoint.id)) {
        inARow++;
        continue;
      }
      [needed, inARow] = [GOOD_AFTER_FAILURE, 0];
      await sleep(EVERY_MS, undefined, { signal });
    }
  } finally {
    await removed(check);
  }
}

/**
 * Sends one message. True once its first attempt was verified, false if that reached nobody.
 * @param {import('./api.mjs').Call} call
 * @param {Check} check
 * @param {string} endpointId
 */
async function reached(call, { name, signal }, endpointId) {
  const message = await call('POST', `/api/v1/app/${name}/msg`, { eventType: 'release.check', payload: { check: name } });
  return until(signal, EVERY_MS, async () => {
    const list = await call('GET', `/api/v1/app/${name}/attempt/msg/${message.id}?endpoint_id=${endpointId}`);
    // The youngest comes first.
    const first = (list.data ?? []).at(-1);
    if (!first) return null;
    if (delivered([first], message.id)) return true;
    const { responseStatusCode, response } = first;
    console.log(JSON.stringify({ event: 'check.not_delivered', message: message.id, responseStatusCode, response }));
    return false;
  });
}

/**
 * True once an attempt was answered and verified; null while there is none or only such that never reached the receiver: those
 * are tried again in seconds. Throws CheckFailed if the receiver said no.
 * @param {{ status: number, responseStatusCode: number, response: string }[]} attempts
 * @param {string} messageId
 */
export function delivered(attempts, messageId) {
  for (const { responseStatusCode, response } of attempts) {
    const answer = parsed(response);
    if (answer?.verified === true && responseStatusCode === 200) {
      if (answer.id !== messageId) throw new CheckFailed(`the receiver verified ${answer.id}, not ${messageId}`);
      return true;
    }
    if (answer?.verified === false) throw new CheckFailed(`the receiver refused the webhook: ${answer.fault}`);
  }
  return null;
}

/**
 * Green has just got its first traffic: what is not well yet is asked again.
 * @param {string} url
 * @param {AbortSignal} signal
 */
async function healthy(url, signal) {
  try {
    const answer = await fetch(url, { signal: limited(signal) });
    await answer.text();
    return answer.status === 200 ? true : null;
  } catch (error) {
    signal.throwIfAborted();
    console.log(JSON.stringify({ event: 'health.unanswered', error: errorText(error) }));
    return null;
  }
}

/**
 * An answer that is not 2xx ends the check: one unanswered request of a healthy release is one too many.
 * @param {Check} check
 */
function caller({ apiUrl, jwtSecret, signal }) {
  return apiCaller({ apiUrl, jwtSecret, orgId: ORG_ID, limitMs: REQUEST_LIMIT_MS, signal });
}

/**
 * What stays behind does no harm: it has a tenant of its own. With its own time, since the check's may be over.
 * @param {Check} check
 */
async function removed(check) {
  const { name } = check;
  try {
    await caller({ ...check, signal: AbortSignal.timeout(CLEANUP_LIMIT_MS) })('DELETE', `/api/v1/app/${name}`);
  } catch (error) {
    console.log(JSON.stringify({ event: 'check.left_behind', name, error: errorText(error) }));
  }
}

/** @param {AbortSignal} signal */
function limited(signal) {
  return AbortSignal.any([signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]);
}

/**
 * @param {string} text
 * @returns {{ verified?: boolean, id?: string, fault?: string } | null}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
