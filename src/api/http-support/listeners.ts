import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import type { Server } from 'node:http';
import { createServer, type AddressInfo, type ListenOptions, type Server as Listener } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitOfOpenFiles } from '../../config/open-files.js';

/**
 * Node takes one new connection from a listener in a turn of the event loop (libuv since 1.46). In an overload a turn lasts tens of milliseconds, and
 * most clients of an overload come with new connections: one listener takes twelve a second then, and thousands wait for seconds.
 */
const MAX_LISTENERS = 1_024;
/** Of the files that the system lets this process open, listeners get this part. */
const PART_OF_FILES = 1 / 16;
/** Connections that the kernel keeps until they are taken. Beyond it their packets are dropped. Node's own is 511. */
const BACKLOG = 4_096;
/** The longest request: 30 s for its body, and a large batch. It is below the time that the framework gives a hook (60 s). */
const CLOSE_LIMIT_MS = 55_000;
const LOOK_EVERY_MS = 50;
/** A process that starts on the same port gets so long to do it. */
const START_LIMIT_MS = 60_000;
/** Errors of an address that this machine does not have. */
const NOT_HERE = ['EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** Where to listen. */
export interface Where {
  port: number;
  /** IP addresses. This machine must have one of them. */
  addresses: string[];
}

/**
 * Listens with many sockets on one port, and gives all connections to `server`. The kernel divides them (SO_REUSEPORT). Where the system can't do that, there is
 * one listener for each address. Rejects if the port is taken, also by a process that starts at the same moment. Call the result before the server closes: it
 * takes no more connections, and waits for those it took.
 *
 * @param first makes `server` itself listen; it may take long, and is called only if the port is free
 */
export async function listenWidely(
  server: Server,
  first: (options: ListenOptions) => Promise<unknown>,
  where: Where,
): Promise<() => Promise<void>> {
  let turn: Listener | null = null;
  try {
    // The system gives nobody else a port that it has chosen.
    if (where.port !== 0) turn = await turnToStart(where.port);
    const isAlone = where.port === 0 || turn !== null;
    const others = await listenOn(server, first, where, isAlone && (await canShare(where.addresses[0]!)));
    return () => closeAll(server, others);
  } catch (error) {
    throw explained(error, where);
  } finally {
    turn?.close();
  }
}

/**
 * The addresses of a host. `localhost` usually has two, and clients try both.
 *
 * @throws Error that says what to do if there is none
 */
export async function addressesOf(host: string): Promise<string[]> {
  try {
    const found = await lookup(host, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    throw new Error(`HOST is ${host}, and no address is known for it: ${hostAdvice}`, { cause: error });
  }
}

const hostAdvice = 'set HOST to an IP address of this machine, to 127.0.0.1 or to 0.0.0.0 (all of them).';

/** With SO_REUSEPORT the kernel does not say that another process of the same user listens there, so it is looked at before. */
async function listenOn(
  server: Server,
  first: (options: ListenOptions) => Promise<unknown>,
  where: Where,
  isShared: boolean,
): Promise<Listener[]> {
  const [main, ...more] = await freeAddresses(where);
  const each = isShared ? listenersEach(1 + more.length) : 1;
  const options = { backlog: BACKLOG, ...(isShared ? { reusePort: true } : {}) };
  await first({ ...options, port: where.port, host: main });
  const { port } = server.address() as AddressInfo;
  if (where.port === 0 && more.length > 0) await freeAddresses({ port, addresses: more });
  const hosts = [main, ...more].flatMap((host) => Array.from({ length: host === main ? each - 1 : each }, () => host));
  return Promise.all(
    hosts.map((host) => {
      // As the HTTP server makes its own sockets.
      const other = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
      return listening(other, { ...options, port, host });
    }),
  );
}

/** How many listeners each of so many addresses gets: at least one. */
export function listenersEach(addresses: number, openFiles = limitOfOpenFiles()): number {
  const all = Math.min(MAX_LISTENERS, openFiles * PART_OF_FILES);
  return Math.max(1, Math.floor(all / addresses));
}

/**
 * The addresses that this machine has. `localhost` has one of IPv6 also where that is turned off.
 *
 * @throws the system's error if the port is taken on one of them, or if there are none
 */
async function freeAddresses({ port, addresses }: Where): Promise<[string, ...string[]]> {
  const free: string[] = [];
  let missing: unknown;
  for (const host of addresses) {
    try {
      await close(await listening(createServer(), { port, host }));
      free.push(host);
    } catch (error) {
      if (!NOT_HERE.includes(codeOf(error))) throw error;
      missing = error;
    }
  }
  if (free.length === 0) throw missing;
  return free as [string, ...string[]];
}

/**
 * Holds a name that only one process at a time can have, until it ends or closes the result: so nobody else is between its look at the port and its listening. It is
 * an abstract socket of Linux, which belongs to the same network namespace as the port. Null if it can't be had; then the port must not be shared.
 */
async function turnToStart(port: number): Promise<Listener | null> {
  if (process.platform !== 'linux') return null;
  const path = `\0posthorn-starts-on-${port}`;
  for (const end = performance.now() + START_LIMIT_MS; ; await sleep(LOOK_EVERY_MS)) {
    try {
      return await listening(createServer(), { path });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || performance.now() > end) return null;
    }
  }
}

/** Whether the system divides connections between sockets on one port. Old kernels and some sandboxes do not; other systems have another rule. */
async function canShare(host: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    await close(await listening(createServer(), { port: 0, host, reusePort: true }));
    return true;
  } catch {
    return false;
  }
}

async function listening(listener: Listener, options: ListenOptions): Promise<Listener> {
  listener.listen(options);
  await once(listener, 'listening');
  return listener;
}

function close(listener: Listener): Promise<void> {
  return new Promise((closed) => listener.close(() => closed()));
}

/** A connection ends when it is idle. Those that `server` took itself end in the same way, when it closes after this. */
async function closeAll(server: Server, listeners: Listener[]): Promise<void> {
  const look = setInterval(() => server.closeIdleConnections(), LOOK_EVERY_MS).unref();
  server.once('close', () => clearInterval(look));
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (limit = setTimeout(resolve, CLOSE_LIMIT_MS)));
  await Promise.race([Promise.all(listeners.map(close)), late]);
  clearTimeout(limit);
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}

/** The error of the system with what to do about it. */
function explained(error: unknown, { port, addresses }: Where): unknown {
  const code = codeOf(error);
  const host = addresses.join(', ');
  const advice = new Map([
    [
      'EADDRINUSE',
      `Port ${port} of ${host} is in use: another program, or another Posthorn, listens there. Stop it, or set PORT to another port.`,
    ],
    ['EACCES', `This user may not listen on port ${port}. Set PORT to one above 1023.`],
    ...NOT_HERE.map((name) => [name, `This machine has no address ${host}: ${hostAdvice}`] as const),
  ]).get(code);
  return advice === undefined ? error : Object.assign(new Error(`${advice} (${code})`, { cause: error }), { code });
}
