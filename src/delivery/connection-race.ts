import type { LookupAddress } from 'node:dns';
import type { Socket } from 'node:net';

/** How long an address may take before the next one is tried beside it (RFC 8305, 5 and 8). */
const NEXT_AFTER_MS = 250;
/** So many addresses of one name are tried. */
const ADDRESSES = 8;

/**
 * Connects to whichever address answers first (RFC 8305). The addresses begin one after the other: the next when the one before has failed, or
 * hasn't answered for 250 ms; and none is given up for being slower than the next one. So neither an address that leads nowhere nor a slow one
 * in front of it costs the attempt.
 */
export class ConnectionRace {
  private readonly waiting: LookupAddress[];
  private readonly running = new Set<Socket>();
  private readonly errors: Error[] = [];
  private timer: NodeJS.Timeout | undefined;
  private settled = false;
  private resolve!: (socket: Socket) => void;
  private reject!: (error: Error) => void;
  /** The first socket that is connected. Rejects with the error of the only address, an AggregateError of all, or with what called it off. */
  readonly connected = new Promise<Socket>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });

  /**
   * @param addresses checked ones, at least one
   * @param open begins to connect
   */
  constructor(
    addresses: readonly LookupAddress[],
    private readonly open: (address: LookupAddress) => Socket,
  ) {
    this.waiting = byTurns(addresses).slice(0, ADDRESSES);
    this.next();
  }

  /** Ends all that is under way. */
  callOff(error: Error): void {
    this.settle(null, error);
  }

  private next(): void {
    clearTimeout(this.timer);
    const address = this.settled ? undefined : this.waiting.shift();
    if (!address) return;
    const socket = this.open(address);
    this.running.add(socket);
    socket.on('error', (error) => this.failed(socket, error));
    socket.once('connect', () => this.settle(socket));
    if (this.waiting.length > 0) this.timer = setTimeout(() => this.next(), NEXT_AFTER_MS);
  }

  private failed(socket: Socket, error: Error): void {
    this.running.delete(socket);
    this.errors.push(error);
    if (this.waiting.length > 0) this.next();
    else if (this.running.size === 0) this.settle(null, this.errors.length === 1 ? error : new AggregateError(this.errors));
  }

  private settle(winner: Socket | null, error?: Error): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.timer);
    for (const socket of this.running) if (socket !== winner) socket.destroy();
    if (winner) this.resolve(winner);
    else this.reject(error!);
  }
}

/** The families by turns, each in its order, beginning with that of the first (RFC 8305, 4). */
function byTurns(addresses: readonly LookupAddress[]): LookupAddress[] {
  const first = addresses.filter(({ family }) => family === addresses[0]!.family);
  const other = addresses.filter(({ family }) => family !== addresses[0]!.family);
  return first.flatMap((address, at) => [address, ...other.slice(at, at + 1)]).concat(other.slice(first.length));
}
