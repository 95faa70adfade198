import { randomUUID } from 'node:crypto';
import { Svix } from 'svix';
import type { Slot } from '../parts/slot.js';
import type { Try } from '../records.js';
import { ownTime } from '../watch/own-clock.js';
import { slowness } from '../watch/slowness.js';
import type { Site } from '../world.js';
import { payloadOf } from './payloads.js';

/** For all tries of a request together: longer than any answer may take. */
const TIMEOUT_MS = 45_000;
/** As README states them: REQUEST_TIMEOUT_SECONDS, and what batches have. */
const ANSWERED_WITHIN_MS = 5_000;
const BATCH_ANSWERED_WITHIN_MS = 30_000;
/** The service looks at its clock ten times a second, and its answer has to come through. On a machine that is busy with other work in proportion more. */
const MEASURING_MS = 1_000;
/** As the official clients repeat: twice, after 50 and 100 ms. */
const PAUSES_MS = [50, 100];
/** What the official client writes in place of a payload. */
const PLACEHOLDER = /"payload":\{"source of":(\d+)\}/g;

/** Requests of one organisation to the API processes of a site, in turn. */
export interface Client {
  /** The official one. A payload made by `sourceOf` goes out as the odd bytes of that message. */
  svix: Svix;
  /** A request that the official client does not know, repeated as it repeats. Throws without an answer. */
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
}

export const sourceOf = (n: number) => ({ 'source of': n });

/** @param tries where each try to send a message is noted */
export function clientOf(site: Site, token: string, tries: Try[]): Client {
  const apis = site.slots.filter(({ isApi }) => isApi);
  let turn = 0;
  const send = async (input: string | URL | Request, init: RequestInit = {}) => {
    const { pathname, search } = new URL(String(input));
    const slot = apis[turn++ % apis.length]!;
    const body =
      typeof init.body === 'string' ? init.body.replace(PLACEHOLDER, (_, n) => `"payload":${payloadOf(Number(n))}`) : undefined;
    const noted = init.method === 'POST' && /\/msg(\/batch)?$/.test(pathname);
    const at = Date.now();
    const began = ownTime();
    const note = (status: number, retryAfter = false) => {
      const ms = Math.round(ownTime() - began);
      if (noted) tries.push({ at, ms, allowedMs: allowedMs(slot, pathname), status, retryAfter });
    };
    try {
      const answer = await fetch(`${slot.url}${pathname}${search}`, { ...init, body });
      note(answer.status, answer.headers.has('retry-after'));
      return answer;
    } catch (error) {
      note(0);
      throw error;
    }
  };
  const svix = new Svix(token, { serverUrl: 'http://posthorn', requestTimeout: TIMEOUT_MS, fetch: send as typeof fetch });
  return { svix, request: (method, path, body) => repeated(send, token, { method, path, body }) };
}

function allowedMs({ statesLimits }: Slot, pathname: string): number | null {
  if (!statesLimits) return null;
  return (pathname.endsWith('/batch') ? BATCH_ANSWERED_WITHIN_MS : ANSWERED_WITHIN_MS) + MEASURING_MS * slowness();
}

async function repeated(
  send: (url: string, init: RequestInit) => Promise<Response>,
  token: string,
  { method, path, body }: { method: string; path: string; body?: unknown },
) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(method === 'POST' ? { 'idempotency-key': `auto_${randomUUID()}` } : {}),
  };
  const init = { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) };
  for (let tried = 0; ; tried++) {
    const last = tried === PAUSES_MS.length;
    try {
      const answer = await send(`http://posthorn/api/v1${path}`, init);
      const text = await answer.text();
      if (answer.status < 500 || last) return { status: answer.status, body: text ? JSON.parse(text) : null };
    } catch (error) {
      if (last || signal.aborted) throw error;
    }
    await new Promise((wake) => setTimeout(wake, PAUSES_MS[tried]));
  }
}
