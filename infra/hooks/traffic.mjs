import { setTimeout as sleep } from 'node:timers/promises';
import { apiCaller } from './api.mjs';
import { CheckFailed, delivered } from './check.mjs';
import { say } from './environment.mjs';
import { errorText } from './error-text.mjs';
import { endpointSecret } from './signing.mjs';

/** The tenant of synthetic traffic: nobody else's lists show it. docs/operations.md names it. */
const ORG_ID = 'org_synthetic_traffic';
/** Uids of its one application and one endpoint. */
const APP = 'synthetic-traffic';
const ENDPOINT = 'receiver';
const APP_PATH = `/api/v1/app/${APP}`;
const ENDPOINT_PATH = `${APP_PATH}/endpoint/${ENDPOINT}`;
/**
 * Time limit of a request. A slow answer has to arrive to count: the load balancer measures the time until an answer, and has no
 * time of a request that its client gave up.
 */
export const REQUEST_LIMIT_MS = 30_000;
/** A message that was not delivered by then is late. */
const LATE_MS = 30_000;
/** Failures that are written down; the rest are only counted. */
const MAX_REPORTED = 5;

/**
 * @typedef {object} Traffic
 * @property {string} apiUrl the production listener
 * @property {string} receiverUrl where the webhooks go
 * @property {string} jwtSecret JWT_SECRET as the service gets it: one secret, or a list
 * @property {string} receiverKey
 * @property {number} rate requests a second
 * @property {number} forMs how long
 *
 * @typedef {object} Tally
 * @property {number} requests
 * @property {number} failed requests without a good answer
 * @property {number} delivered messages that the receiver found right
 * @property {number} late messages that were not delivered in time
 * @property {number} wrong messages that the receiver found wrong
 * @property {Map<number, number>} byMinute requests by the start of their minute, in ms
 */

/**
 * Sends requests through a listener, evenly spread, whether they are answered or not: so a slow service gets as many as a quick one.
 * Half of them are messages to the receiver, the other half look whether the receiver got an earlier one. What fails is counted and
 * never thrown: the alarms judge the release.
 * @param {Traffic} traffic
 * @returns {Promise<Tally>}
 */
export async function sendTraffic(traffic) {
  /** @type {Tally} */
  const tally = { requests: 0, failed: 0, delivered: 0, late: 0, wrong: 0, byMinute: new Map() };
  const turn = turnsOf(traffic, tally);
  const turns = [];
  const startedAt = performance.now();
  for (let nth = 0; (nth * 1_000) / traffic.rate < traffic.forMs; nth++) {
    const early = startedAt + (nth * 1_000) / traffic.rate - performance.now();
    if (early > 0) await sleep(early);
    turns.push(turn());
  }
  await Promise.all(turns);
  return tally;
}

/**
 * What is done at each turn. Never rejects.
 * @param {Traffic} traffic
 * @param {Tally} tally
 * @returns {() => Promise<void>}
 */
function turnsOf(traffic, tally) {
  const call = counted(apiCaller({ ...traffic, orgId: ORG_ID, limitMs: REQUEST_LIMIT_MS }), tally);
  /** Accepted messages that were not seen delivered yet, the oldest first. @type {{ id: string, sentAt: number }[]} */
  const waiting = [];
  const preparations = preparationsOf(call, traffic);
  let prepared = 0;
  let looks = false;

  const send = async () => {
    const { id } = await call('POST', `${APP_PATH}/msg`, { eventType: 'synthetic.traffic', payload: { sentAt: Date.now() } });
    waiting.push({ id, sentAt: performance.now() });
  };
  const look = async (/** @type {{ id: string, sentAt: number }} */ message) => {
    const list = await call('GET', `${APP_PATH}/attempt/msg/${message.id}`);
    if (delivered(list.data ?? [], message.id)) tally.delivered++;
    else if (performance.now() - message.sentAt < LATE_MS) waiting.unshift(message);
    else tally.late++;
  };
  return async () => {
    try {
      const at = prepared;
      if (at < preparations.length) {
        await preparations[at]?.();
        prepared = Math.max(prepared, at + 1);
        return;
      }
      const oldest = looks ? waiting.shift() : undefined;
      looks = !looks;
      await (oldest ? look(oldest) : send());
    } catch (error) {
      failed(error, tally);
    }
  };
}

/**
 * What has to be done before the first message, one request a turn: makes the application and the endpoint, or finds them as an earlier
 * run made them, and gives the endpoint the key that the receiver has. Each can be done again.
 * @param {import('./api.mjs').Call} call
 * @param {Traffic} traffic
 * @returns {(() => Promise<void>)[]}
 */
function preparationsOf(call, { receiverUrl, receiverKey }) {
  const secret = endpointSecret(receiverKey);
  return [
    () => call('POST', '/api/v1/app?get_if_exists=true', { name: 'Synthetic traffic', uid: APP }),
    () => call('PUT', ENDPOINT_PATH, { url: receiverUrl }),
    async () => {
      const { key } = await call('GET', `${ENDPOINT_PATH}/secret`);
      if (key !== secret) await call('POST', `${ENDPOINT_PATH}/secret/rotate`, { key: secret, gracePeriodSeconds: 0 });
    },
  ];
}

/**
 * @param {import('./api.mjs').Call} call
 * @param {Tally} tally
 * @returns {import('./api.mjs').Call}
 */
function counted(call, tally) {
  return (...request) => {
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    tally.requests++;
    tally.byMinute.set(minute, (tally.byMinute.get(minute) ?? 0) + 1);
    return call(...request);
  };
}

/**
 * @param {unknown} error
 * @param {Tally} tally
 */
function failed(error, tally) {
  if (error instanceof CheckFailed) tally.wrong++;
  else tally.failed++;
  if (tally.wrong + tally.failed <= MAX_REPORTED) say('traffic.failed', { error: errorText(error) });
}
