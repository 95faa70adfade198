import type { LookupAddress } from 'node:dns';

/** The "Connection Attempt Delay" (RFC 8305, 5 and 8). */
const NEXT_ADDRESS_AFTER_MS = 250;
const MAX_ADDRESSES = 8;

/** Something that connects: a socket, or a tunnel through a proxy. It emits `connect` or `error`. */
export interface Connecting {
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'connect', listener: () => void): unknown;
  destroy(): unknown;
}

/**
 * Connects to the address of a name that answers first (Happy Eyeballs, RFC 8305). It starts with one address. The next one starts when an
 * address has failed or has not answered for 250 ms. An address that was started is not given up because others were started after it.
 *
 * So neither an address that never answers nor a slow one makes the attempt fail.
 */
export class HappyEyeballs<Candidate extends Connecting> {
  private readonly waiting: LookupAddress[];
  private readonly connecting = new Set<Candidate>();
  private readonly errors: Error[] = [];
  private timer: NodeJS.Timeout | undefined;
  private settled = false;
  private resolve!: (socket: Candidate) => void;
  private reject!: (error: Error) => void;
  /** The first connected socket. Rejects with the error of a single address, an AggregateError of several, or the error given to `cancel`. */
  readonly connected = new Promise<Candidate>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /**
   * @param addresses at least one; the address policy allows all of them
   * @param open returns a socket that has begun to connect
   */
  constructor(
    addresses: readonly LookupAddress[],
    private readonly open: (address: LookupAddress) => Candidate,
  ) {
    this.waiting = interleaveFamilies(addresses).slice(0, MAX_ADDRESSES);
    this.startNext();
  }

  /** Closes all sockets. `connected` rejects with the error. */
  cancel(error: Error): void {
    this.settle(null, error);
  }

  private startNext(): void {
    clearTimeout(this.timer);
    const address = this.settled ? undefined : this.waiting.shift();
    if (!address) return;
    const socket = this.open(address);
    this.connecting.add(socket);
    socket.on('error', (error) => this.failed(socket, error));
    socket.once('connect', () => this.settle(socket));
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.startNext(), NEXT_ADDRESS_AFTER_MS);
  }

  private failed(socket: Candidate, error: Error): void {
    this.connecting.delete(socket);
    this.errors.push(error);
    if (this.waiting.length > 0) this.startNext();
    else if (this.connecting.size === 0) this.settle(null, this.errors.length === 1 ? error : new AggregateError(this.errors));
  }

  private settle(connected: Candidate | null, error?: Error): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    for (const socket of this.connecting) if (socket !== connected) socket.destroy();
    if (connected) this.resolve(connected);
    else this.reject(error!);
  }
}

/** Alternates between the address families, beginning with that of the first address (RFC 8305, 4). Keeps the order within each family. */
function interleaveFamilies(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]!.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]!.family);
  return first.flatMap((address, at) => [address, ...other.slice(at, at + 1)]).concat(other.slice(first.length));
}
