import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** Time limit of one query. Each name server is asked twice: two that do not answer take 8 s, less than the limit of a connect. */
const QUERY_MS = 2_000;
const TRIES = 2;
/** How long the answer for one address family is awaited after that for the other has come. */
const OTHER_FAMILY_MS = 250;
const LOOPBACK: LookupAddress[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];
const NO_SUCH_NAME = new Set(['ENOTFOUND', 'ENODATA']);

/** The name has no address, or the name servers failed. */
export class NameNotResolved extends Error {
  readonly code = 'NAME_NOT_RESOLVED';

  /** @param dnsCode Node's error code if the name servers failed or did not answer; null if the name has no address */
  constructor(
    name: string,
    readonly dnsCode: string | null,
  ) {
    super(dnsCode === null ? `${name} has no address.` : `${name} was not resolved: ${dnsCode}.`);
  }
}

/**
 * Resolves host names by its own DNS queries, with time limits. Names in the hosts file and `localhost` (RFC 6761, 6.3) need no query.
 *
 * It does not use the system's getaddrinfo, for two reasons:
 * - getaddrinfo blocks a thread of the pool, which has few. Some endpoints whose name servers do not answer would stop all deliveries and
 *   all file access.
 * - getaddrinfo appends the machine's search domains. `http://metadata` could become a host in the network of this service.
 */
export class NameResolver {
  private readonly resolver = new Resolver({ timeout: QUERY_MS, tries: TRIES, maxTimeout: QUERY_MS });
  private readonly running = new Map<string, Promise<LookupAddress[]>>();

  /**
   * @param hosts names, in lower case, with fixed addresses
   * @param servers name servers as `address:port`; empty for those of the machine
   */
  constructor(
    private readonly hosts: ReadonlyMap<string, LookupAddress[]> = hostsFile(),
    servers: readonly string[] = [],
  ) {
    if (servers.length > 0) this.resolver.setServers(servers);
  }

  /** The addresses of a name, at least one, IPv4 first. Callers that ask at the same time share the queries. Throws NameNotResolved. */
  addressesOf(name: string): Promise<LookupAddress[]> {
    const running = this.running.get(name);
    if (running) return running;
    const started = this.resolve(name.replace(/\.$/, '').toLowerCase()).finally(() => this.running.delete(name));
    this.running.set(name, started);
    return started;
  }

  private async resolve(name: string): Promise<LookupAddress[]> {
    const known = this.hosts.get(name);
    if (known) return known;
    if (name === 'localhost' || name.endsWith('.localhost')) return LOOPBACK;
    // RFC 6761, 6.4: these names never exist.
    if (name.endsWith('.invalid')) throw new NameNotResolved(name, null);
    const errors: unknown[] = [];
    const families = [this.query(name, 4, errors), this.query(name, 6, errors)] as const;
    const first = await Promise.any(families).catch(() => null);
    if (!first) throw new NameNotResolved(name, failureOf(errors));
    const [v4, v6] = await Promise.all(families.map((family) => orNone(family)));
    return [...v4!, ...v6!];
  }

  /** Rejects if there is no address of the family. */
  private async query(name: string, family: 4 | 6, errors: unknown[]): Promise<LookupAddress[]> {
    try {
      const found = await (family === 4 ? this.resolver.resolve4(name) : this.resolver.resolve6(name));
      if (found.length > 0) return found.map((address) => ({ address, family }));
    } catch (error) {
      errors.push(error);
    }
    throw new NameNotResolved(name, null);
  }
}

/** The addresses, or none if they do not come in time. */
async function orNone(addresses: Promise<LookupAddress[]>): Promise<LookupAddress[]> {
  let timer: NodeJS.Timeout | undefined;
  // The immediate runs after sockets are read: an answer that arrived in time counts even if this process was busy.
  const late = new Promise<LookupAddress[]>((resolve) => {
    timer = setTimeout(() => setImmediate(resolve, []), OTHER_FAMILY_MS);
  });
  const found = await Promise.race([addresses.catch(() => []), late]);
  clearTimeout(timer);
  return found;
}

/** The error code of a failed query; null if the answers were that there is no address. */
function failureOf(errors: readonly unknown[]): string | null {
  const codes = errors.map((error) => String((error as NodeJS.ErrnoException)?.code));
  return codes.find((code) => !NO_SUCH_NAME.has(code)) ?? null;
}

/** Parses the text of a hosts file. Names are in lower case; their IPv4 addresses come first. */
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
    // The machine has no hosts file.
    return new Map();
  }
}
