import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS } from './faults/kinds.js';
import type { Scene } from './faults/kind.js';
import { inject } from './inject.js';
import { makeCustomers, type Customer } from './load/customers.js';
import { anyOpen, listAttempts, listDeliveries, listMessages } from './load/listing.js';
import { startPollers } from './load/pollers.js';
import { startReceivers } from './load/receivers.js';
import { startSender } from './load/sender.js';
import { expectedDeliveries, keyOf } from './oracle/lookup.js';
import { startServers } from './parts/servers.js';
import { planOf } from './plan.js';
import type { Records, Rules, Try } from './records.js';
import type { Topology } from './topologies.js';
import { watchHealth } from './watch/health-watch.js';
import { DELIVERY_TIMEOUT_S, RETRY_SCHEDULE, startWorld, type World } from './world.js';

/** A timeout, the minute after it, a lease, and all retries. */
const SETTLES_WITHIN_MS = 180_000;
const LOOK_MS = 3_000;
const HANG_AT_LAST_MS = 1_000;
/** A message is handed out when it is ten seconds old. */
const POLLED_FROM_MS = 12_000;
const POLLED_WITHIN_MS = 90_000;

const RULES: Rules = {
  timeoutMs: DELIVERY_TIMEOUT_S * 1000,
  leaseMs: (DELIVERY_TIMEOUT_S + 30) * 1000,
  attempts: RETRY_SCHEDULE.length + 1,
  recoveryMs: 30_000,
  redMs: 8_000,
};

export interface RunOptions {
  seed: number;
  messages: number;
  faults: number;
  /** Messages a second. */
  rate: number;
  /** Names of kinds of faults; none for all. */
  only: string[];
  pauseMs: [number, number];
  /** Requests that hang are reset after this time; null for never. An attempt that timed out is repeated only after a minute. */
  hangMs: number | null;
  say(line: string): void;
}

/** A run whose load and faults are over. */
export interface Loaded {
  /** Kinds of faults that this topology can't show: why. */
  skipped: [kind: string, why: string][];
  /** Waits until nothing is open any more, asks the API for everything when it is its turn, and stops all. */
  finish(inTurn: InTurn): Promise<{ records: Records; logs: Map<string, readonly string[]> }>;
}

/** Does work that needs the machine for itself: one after the other, in the order in which they asked. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** The run could not be asked for everything at its end. */
export class Unfinished extends Error {
  readonly known: Partial<Records>;
  readonly logs: ReadonlyMap<string, readonly string[]>;

  constructor(known: Partial<Records>, logs: ReadonlyMap<string, readonly string[]>, cause: unknown) {
    super(`At the end: ${(cause as Error).message}`, { cause });
    this.known = known;
    this.logs = logs;
  }
}

/** Starts the servers and processes of a topology. */
export async function prepare(topology: Topology, databaseUrl: string | undefined): Promise<World> {
  return startWorld(topology, await startServers(topology.embedded ? undefined : databaseUrl));
}

/** Puts load and faults on a topology. */
export async function runTopology(world: World, options: RunOptions): Promise<Loaded> {
  const { topology } = world;
  const { seed, say } = options;
  const arrivedAt = new Map<string, number>();
  const receivers = await startReceivers(seed, ({ msg }) => arrivedAt.has(msg) || arrivedAt.set(msg, Date.now()));
  receivers.hangMs = options.hangMs;
  const tries: Try[] = [];
  const customers = await makeCustomers(world, receivers, tries);
  const pollers = startPollers(customers);
  const sender = startSender(customers, { rate: options.rate, seed });
  const health = watchHealth(world.slots);
  const scene: Scene = { world, receivers, recent: (count) => recentDeliveries(customers, sender.sent, count) };
  const possible = KINDS.filter(
    (kind) => kind.impossible(world) === null && (options.only.length === 0 || options.only.includes(kind.name)),
  );
  const skipped = KINDS.flatMap((kind): [string, string][] => {
    const why = kind.impossible(world);
    return why === null ? [] : [[kind.name, why]];
  });
  const steps = planOf(seed, { count: possible.length === 0 ? 0 : options.faults, kinds: possible, pauseMs: options.pauseMs });
  const sites = world.sites.map(({ name }) => name);
  say(`${topology.what}: ${steps.length} steps with ${options.faults} faults`);
  const faults = await inject(steps, { scene, watched: { sender, health, arrivedAt, sites }, rules: RULES, say });
  while (sender.sent.length < options.messages) await sleep(100);
  await sender.stop();
  // Nothing hangs any more from now on, so that there is an end.
  receivers.hangMs ??= HANG_AT_LAST_MS;
  const quietFrom = Date.now();
  health.stop();
  say(`${topology.what}: ${sender.sent.length} messages sent, ${sender.accepted.length} accepted; waits for what is open`);

  return {
    skipped,
    async finish(inTurn) {
      const known = {
        endpoints: customers.flatMap(({ endpoints }) => endpoints),
        sent: sender.sent,
        receipts: receivers.receipts,
        resends: sender.resends,
        polls: customers.map(({ poll }) => poll),
        faults,
        tries,
        exits: world.exits,
        rules: RULES,
      };
      try {
        const listed = await settledListing(customers, quietFrom, inTurn);
        await sleep(Math.max(0, quietFrom + POLLED_FROM_MS - Date.now()));
        const listedAttempts = await inTurn(async () => {
          await pollers.finish(POLLED_WITHIN_MS);
          return listAttempts(customers);
        });
        return { records: { ...listed, ...known, attempts: listedAttempts }, logs: logsOf(world) };
      } catch (error) {
        throw new Unfinished(known, logsOf(world), error);
      } finally {
        await stopAll(world, receivers);
      }
    },
  };
}

/** What each process of the service, and the database, printed. */
function logsOf({ slots, servers: { database } }: World): Map<string, readonly string[]> {
  return new Map<string, readonly string[]>([
    ...slots.map(({ name, log }) => [name, log] as const),
    ...(database ? [['database', database.log] as const] : []),
  ]);
}

async function stopAll(world: World, receivers: { stop(): Promise<void> }): Promise<void> {
  await world.stop();
  await receivers.stop();
  await world.servers.stop();
}

/** What the API lists once no delivery is open, or after the time that the suite waits. The time until its turn does not count. */
async function settledListing(
  customers: readonly Customer[],
  quietFrom: number,
  inTurn: InTurn,
): Promise<Pick<Records, 'messages' | 'deliveries' | 'settledMs'>> {
  const endpoints = customers.flatMap(({ endpoints: own }) => own);
  let from = quietFrom;
  for (;;) {
    while (Date.now() < from + SETTLES_WITHIN_MS && (await anyOpen(customers))) await sleep(LOOK_MS);
    const at = Date.now();
    const { messages, deliveries, waitedMs } = await inTurn(async () => ({
      waitedMs: Date.now() - at,
      messages: await listMessages(customers),
      deliveries: await listDeliveries(customers),
    }));
    const ended = new Set(deliveries.filter(({ status }) => status === 'success' || status === 'fail').map(keyOf));
    const open = expectedDeliveries({ messages, endpoints }).filter((pair) => !ended.has(keyOf(pair)));
    if (open.length === 0) return { messages, deliveries, settledMs: at - from };
    if (at > from + SETTLES_WITHIN_MS) return { messages, deliveries, settledMs: null };
    from += waitedMs;
    // One that has had no attempt is not among those that can be asked for.
    await sleep(LOOK_MS);
  }
}

/** Messages that were accepted lately, each with one of its endpoints. */
function recentDeliveries(customers: readonly Customer[], sent: readonly Records['sent'][number][], count: number) {
  const endpointOf = new Map(customers.map(({ app, endpoints }) => [app, endpoints[0]!.id]));
  return sent
    .slice(-4 * count)
    .filter(({ answer }) => answer === 'accepted')
    .slice(-count)
    .map(({ app, id }) => ({ app, msg: id!, ep: endpointOf.get(app)! }));
}
