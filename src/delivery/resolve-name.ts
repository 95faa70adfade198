import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** For one question to one name server; each is asked twice. Two servers that are silent take 8 s: less than a connection may. */
const TRY_MS = 2_000;
const TRIES = 2;
/** How long the answer for one family is waited for once that for the other is there. */
const OTHER_FAMILY_MS = 250;
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const NO_SUCH_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** The name has no address, or its name servers don't say. */
export class NameNotResolved extends Error {
  readonly code = 'NAME_NOT_RESOLVED';

  /** @param why the resolver's code where the name servers didn't say; null where there is no address */
  constructor(
    name: string,
    readonly why: string | null,
  ) {
    super(why === null ? `${name} has no address.` : `${name} was not resolved: ${why}.`);
  }
}

/**
 * Finds the addresses of names, IPv4 first.
 *
 * The system's own look-up blocks one of the process's few threads until the name server answers: a handful of endpoints whose name
 * servers hang would stop every delivery, and the file system with them. It also completes names with the search domains of
 * the machine, so that `http://metadata` could become a host of the network that the service runs in. So names are asked for over the network as
 * they stand, without a thread, within a limit, and once for all who ask at the same time. What the network can't know comes before: the machine's
 * hosts file, and `localhost` (RFC 6761, 6.3).
 */
export class NameResolver {
  private readonly resolver = new Resolver({ timeout: TRY_MS, tries: TRIES, maxTimeout: TRY_MS });
  private readonly asking = new Map<string, Promise<LookupAddress[]>>();

  /**
   * @param hosts names that are not asked for
   * @param servers name servers as `address:port`; those of the machine if there are none
   */
  constructor(
    private readonly hosts: ReadonlyMap<string, LookupAddress[]> = hostsFile(),
    servers: readonly string[] = [],
  ) {
    if (servers.length > 0) this.resolver.setServers(servers);
  }

  /** Throws NameNotResolved. */
  addressesOf(name: string): Promise<LookupAddress[]> {
    const running = this.asking.get(name);
    if (running) return running;
    const started = this.ask(name.replace(/\.$/, '').toLowerCase()).finally(() => this.asking.delete(name));
    this.asking.set(name, started);
    return started;
  }

  private async ask(name: string): Promise<LookupAddress[]> {
    const known = this.hosts.get(name);
    if (known) return known;
    if (name === 'localhost' || name.endsWith('.localhost')) return LOOPBACK;
    // RFC 6761, 6.4: there never is such a name.
    if (name.endsWith('.invalid')) throw new NameNotResolved(name, null);
    const errors: unknown[] = [];
    const asked = [this.family(name, 4, errors), this.family(name, 6, errors)] as const;
    const first = await Promise.any(asked).catch(() => null);
    if (!first) throw new NameNotResolved(name, reasonOf(errors));
    const [v4, v6] = await Promise.all(asked.map((family) => soon(family)));
    return [...v4!, ...v6!];
  }

  /** Rejects where there is no address of the family. */
  private async family(name: string, family: 4 | 6, errors: unknown[]): Promise<LookupAddress[]> {
    try {
      const found = await (family === 4 ? this.resolver.resolve4(name) : this.resolver.resolve6(name));
      if (found.length > 0) return found.map((address) => ({ address, family }));
    } catch (error) {
      errors.push(error);
    }
    throw new NameNotResolved(name, null);
  }
}

/** The addresses, or none when they don't come in time. */
async function soon(addresses: Promise<LookupAddress[]>): Promise<LookupAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  // What has arrived by then counts, also when this process was late to read it.
  const late = new Promise<LookupAddress[]>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve, []), OTHER_FAMILY_MS);
  });
  const found = await Promise.race([addresses.catch(() => []), late]);
  clearTimeout(timer);
  return found;
}

function reasonOf(errors: readonly unknown[]): string | null {
  const codes = errors.map((error) => String((error as NodeJS.ErrnoException)?.code));
  return codes.find((code) => !NO_SUCH_NAME.has(code)) ?? null;
}

/** The names in a hosts file's text, in lower case, IPv4 first. */
export function hostsIn(text: string): Map<string, LookupAddress[]> {
  const hosts = new Map<string, LookupAddress[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0) continue;
    for (const name of names.map((name) => name.toLowerCase())) {
      const known = hosts.get(name) ?? [];
      if (!known.some((other) => other.address === address)) known.push({ address, family });
      hosts.set(
        name,
        known.sort((a, b) => a.family - b.family),
      );
    }
  }
  return hosts;
}

function hostsFile(): Map<string, LookupAddress[]> {
  try {
    return hostsIn(readFileSync('/etc/hosts', 'utf8'));
  } catch {
    // Without such a file there is nothing that only the machine knows.
    return new Map();
  }
}
