import { randomUUID } from 'node:crypto';
import { randomOf, type Random } from '../random.js';
import type { Pair, SentMessage } from '../records.js';
import { sourceOf } from './client.js';
import type { Customer } from './customers.js';
import { hashOf, payloadOf, typeOf } from './payloads.js';

const TICK_MS = 20;
/** So many requests are under way at most: what is frozen must not make the suite run out of memory. */
const MOST_OPEN = 600;
const BATCH = 8;
const RECOVER_EVERY_MS = 15_000;
/** An application that is told again and again that it doesn't work tries so often, with the same key. */
const OWN_TRIES = 4;

/** A steady load through the public API. */
export interface Sender {
  sent: SentMessage[];
  resends: Pair[];
  /** Each message as it is accepted; its first request began at `at`. */
  accepted: { id: string; at: number; answeredAt: number; site: string }[];
  /** Ends the load; resolves when each request has an answer or none. */
  stop(): Promise<void>;
}

interface State extends Sender {
  random: Random;
  byWeight: Customer[];
}

export function startSender(customers: readonly Customer[], { rate, seed }: { rate: number; seed: number }): Sender {
  const open = new Set<Promise<void>>();
  const state: State = {
    sent: [],
    resends: [],
    accepted: [],
    random: randomOf(seed),
    byWeight: customers.flatMap((customer) => Array<Customer>(customer.weight).fill(customer)),
    stop: async () => {
      clearInterval(timer);
      clearInterval(recovering);
      await Promise.all(open);
    },
  };
  const begin = (work: Promise<void>) => {
    const one = work.catch(() => {}).finally(() => open.delete(one));
    open.add(one);
  };
  let due = 0;
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(due + ((now - before) / 1000) * rate, rate);
    before = now;
    for (; due >= 1; due--) if (open.size < MOST_OPEN) begin(act(state));
  }, TICK_MS);
  const recovering = setInterval(() => begin(recover(customers)), RECOVER_EVERY_MS);
  return state;
}

async function act(state: State): Promise<void> {
  const { random, byWeight } = state;
  const customer = random.pick(byWeight);
  const draw = random.next();
  if (draw < 0.01) return sendBatch(state, customer);
  if (draw < 0.025) return resend(state, customer);
  await sendOne(state, customer, { scheduled: draw < 0.055, ownKey: draw < 0.4 });
}

function plan(state: State, { app }: Customer, batch = false): SentMessage {
  const n = state.sent.length;
  const message: SentMessage = { n, app, hash: hashOf(payloadOf(n)), batch, answer: 'none', id: null };
  state.sent.push(message);
  return message;
}

function accept(state: State, message: SentMessage, { id, at, site }: { id: string; at: number; site: string }): void {
  message.answer = 'accepted';
  message.id = id;
  state.accepted.push({ id, at, answeredAt: Date.now(), site });
}

async function sendOne(
  state: State,
  customer: Customer,
  { scheduled, ownKey }: { scheduled: boolean; ownKey: boolean },
): Promise<void> {
  const message = plan(state, customer);
  const deliverAt = scheduled ? new Date(Date.now() + 3_000) : undefined;
  const body = { eventType: typeOf(message.n), payload: sourceOf(message.n), deliverAt };
  const options = ownKey ? { idempotencyKey: randomUUID() } : {};
  const pauseMs = state.random.between(500, 3_000);
  const at = Date.now();
  for (let left = ownKey ? OWN_TRIES : 1; left > 0; left--) {
    try {
      const { id } = await customer.client.svix.message.create(customer.app, body, options);
      return accept(state, message, { id, at, site: customer.site });
    } catch {
      if (left > 1) await new Promise((wake) => setTimeout(wake, pauseMs));
    }
  }
}

async function sendBatch(state: State, customer: Customer): Promise<void> {
  const messages = Array.from({ length: BATCH }, () => plan(state, customer, true));
  const at = Date.now();
  const body = messages.map(({ n }) => ({ eventType: typeOf(n), payload: sourceOf(n) }));
  const answer = await customer.client.request('POST', `/app/${customer.app}/msg/batch`, body);
  if (answer.status !== 202) return;
  const items = answer.body.data as { status: number; body: { id: string } }[];
  for (const [index, { status, body: made }] of items.entries())
    if (status === 202) accept(state, messages[index]!, { id: made.id, at, site: customer.site });
}

/** Asks for a manual attempt of a message of this application. */
async function resend(state: State, { app, endpoints, client }: Customer): Promise<void> {
  const { random, sent } = state;
  const one =
    sent.length > 0
      ? sent.findLast(({ app: of, answer }) => of === app && answer === 'accepted' && random.chance(0.1))
      : undefined;
  const possible = endpoints.filter(({ types }) => one && (types === null || types.includes(typeOf(one.n))));
  if (!one || possible.length === 0) return;
  const { id: ep } = random.pick(possible);
  state.resends.push({ msg: one.id!, ep });
  await client.svix.messageAttempt.resend(app, one.id!, ep);
}

/** Asks for what failed in the last seconds again, where everything fails. */
async function recover(customers: readonly Customer[]): Promise<void> {
  for (const { client, app, endpoints } of customers)
    for (const { id, character } of endpoints)
      if (character === 'broken') await client.svix.endpoint.recover(app, id, { since: new Date(Date.now() - 5_000) });
}
