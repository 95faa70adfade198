import { lookup as systemLookup, Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import type { LookupAddress } from 'node:dns';

const TRY_MS = 2_000;
const TRIES = 2;

/** The name has no address, or its name servers don't answer in time. */
export class NameNotResolved extends Error {
  readonly code = 'NAME_NOT_RESOLVED';
}

/**
 * Finds the addresses of names, IPv4 first.
 *
 * The system's own look-up blocks one of the process's few threads until the name server answers: a handful of endpoints whose name
 * servers hang would stop every delivery, and the file system with them. So full names are asked for over the network without
 * a thread, within a limit, and once for all who ask at the same time. Only what the network can't know goes through the system:
 * names without a dot (containers, localhost) and those in the machine's hosts file.
 */
export class NameResolver {
  private readonly resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  private readonly asking = new Map<string, Promise<LookupAddress[]>>();
  private readonly hosts = namesInHostsFile();

  /** Throws NameNotResolved. */
  addressesOf(name: string): Promise<LookupAddress[]> {
    const running = this.asking.get(name);
    if (running) return running;
    const started = this.ask(name).finally(() => this.asking.delete(name));
    this.asking.set(name, started);
    return started;
  }

  private async ask(name: string): Promise<LookupAddress[]> {
    const bare = name.replace(/\.$/, '');
    const answers = !bare.includes('.') || this.hosts.has(bare) ? await this.fromSystem(name) : await this.fromNetwork(name);
    if (answers.length === 0) throw new NameNotResolved(`${name} has no address.`);
    return answers;
  }

  private async fromSystem(name: string): Promise<LookupAddress[]> {
    return systemLookup(name, { all: true, order: 'ipv4first' }).catch((error: unknown) => {
      throw new NameNotResolved(`${name} has no address.`, { cause: error });
    });
  }

  private async fromNetwork(name: string): Promise<LookupAddress[]> {
    const [v4, v6] = await Promise.allSettled([this.resolver.resolve4(name), this.resolver.resolve6(name)]);
    const found = (result: PromiseSettledResult<string[]>, family: number) =>
      result.status === 'fulfilled' ? result.value.map((address) => ({ address, family })) : [];
    return [...found(v4, 4), ...found(v6, 6)];
  }
}

function namesInHostsFile(): Set<string> {
  try {
    const lines = readFileSync('/etc/hosts', 'utf8').split('\n');
    return new Set(lines.flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1)));
  } catch {
    // Without such a file there is nothing that only the system knows.
    return new Set();
  }
}
