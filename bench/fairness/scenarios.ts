import { setTimeout as sleep } from 'node:timers/promises';
import { now } from '../load/clock.js';
import { Counters } from '../parts/counters.js';
import type { Stack } from '../parts/stack.js';
import { Endpoints, Installation, type Customer } from './installation.js';

/** Later than this is all that is said. */
export const MAX_WAIT_MS = 20_000;
const PROBE_EVERY_MS = 250;
const NEW_EVERY = 4;
const AFTER_MS = 5_000;
/** By then the last task is in the queue. */
const SENT_MS = 1_000;

/** What a scenario is tried with. */
export interface Setting {
  dist: string;
  /** Applications whose endpoints hang, how many each has, and messages to each. */
  hanging: number;
  endpoints: number;
  messages: number;
}

export interface Delays {
  /** Worst delay of a message to an endpoint that answers at once, in ms; Infinity if it is more than the longest wait. */
  known: number;
  /** The same for the first message to an endpoint that was made just now. */
  fresh: number;
  /** SQL statements a second, of everybody, while nothing more comes in; NaN where it was not measured. */
  statements: number;
}

/** What the healthy ones' messages are, while others' hang. */
interface Probe {
  id: string;
  sentAt: number;
  isFresh: boolean;
}

/** Messages to the hanging ones and the healthy one come in together. With `flooding`, the hanging ones' organisation sends more. */
export async function live(stack: Stack, setting: Setting, handoff: string, flooding: boolean): Promise<Delays> {
  return inside(stack, setting, handoff, async (installation, endpoints, url) => {
    await installation.start();
    const flooder = installation.customer();
    const victim = flooding ? installation.customer() : flooder;
    const known = await victim.applicationTo(`${url}/known`);
    const warm = await victim.send(known);
    while (!endpoints.arrivals.has(warm)) await sleep(20);
    const appIds = await applications(flooder, setting, `${url}/hangs`);
    if (flooding) appIds.push(await flooder.applicationTo(`${url}/busy`));
    const probes: Probe[] = [];
    let over = false;
    const flood = flooder.flood(appIds, setting.messages).finally(() => (over = true));
    const fresh = () => victim.applicationTo(`${url}/new`);
    for (let n = 0; !over; n++) {
      const isFresh = n % NEW_EVERY === 0;
      probes.push(await probe(victim, isFresh ? await fresh() : known, isFresh));
      await sleep(PROBE_EVERY_MS);
    }
    await flood;
    const counters = new Counters(stack);
    const statements = await statementsPerSecond(counters).finally(() => counters.close());
    for (const isFresh of [true, false]) probes.push(await probe(victim, isFresh ? await fresh() : known, isFresh));
    return { ...(await delays(endpoints, probes)), statements };
  });
}

/** All messages came in while no worker ran, the healthy one's last; then a process starts, and an endpoint is made. */
export async function afterRestart(stack: Stack, setting: Setting, way: 'queue' | 'scanner'): Promise<Delays> {
  return inside(stack, setting, 'off', async (installation, endpoints, url) => {
    await installation.start({ ROLES: 'api' });
    const customer = installation.customer();
    const appIds = await applications(customer, setting, `${url}/hangs`);
    const last = await customer.applicationTo(`${url}/last`);
    await customer.flood(appIds, setting.messages);
    const waiting = await probe(customer, last, false);
    await sleep(SENT_MS);
    await installation.stop();
    if (way === 'scanner') await installation.makeDue();
    await installation.start(way === 'scanner' ? await installation.otherQueues() : {});
    waiting.sentAt = now();
    const fresh = await probe(customer, await customer.applicationTo(`${url}/new`), true);
    return { ...(await delays(endpoints, [waiting, fresh])), statements: NaN };
  });
}

async function inside(
  stack: Stack,
  { dist }: Setting,
  handoff: string,
  work: (installation: Installation, endpoints: Endpoints, url: string) => Promise<Delays>,
): Promise<Delays> {
  const endpoints = new Endpoints();
  const url = await endpoints.open();
  const installation = await Installation.create(stack, { dist, handoff });
  try {
    return await work(installation, endpoints, url);
  } finally {
    await installation.stop();
    endpoints.close();
  }
}

function applications(customer: Customer, { hanging, endpoints }: Setting, url: string): Promise<string[]> {
  return Promise.all(Array.from({ length: hanging }, () => customer.applicationTo(url, endpoints)));
}

async function probe(customer: Customer, appId: string, isFresh: boolean): Promise<Probe> {
  const sentAt = now();
  return { id: await customer.send(appId), sentAt, isFresh };
}

async function statementsPerSecond(counters: Counters): Promise<number> {
  const before = (await counters.read([]))['sql statements']!;
  await sleep(AFTER_MS);
  return ((await counters.read([]))['sql statements']! - before) / (AFTER_MS / 1_000);
}

/** Waits for what has not arrived yet. What arrived before it was "sent" (a process was just starting) was not late. */
async function delays({ arrivals }: Endpoints, probes: readonly Probe[]): Promise<{ known: number; fresh: number }> {
  const isThere = ({ id, sentAt }: Probe) => arrivals.has(id) || now() - sentAt > MAX_WAIT_MS;
  while (!probes.every(isThere)) await sleep(20);
  const worst = (isFresh: boolean) => {
    const late = probes
      .filter((one) => one.isFresh === isFresh)
      .map(({ id, sentAt }) => Math.max(0, (arrivals.get(id) ?? Infinity) - sentAt));
    return Math.max(...late);
  };
  return { known: worst(false), fresh: worst(true) };
}
