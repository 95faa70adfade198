/** How much memory the requests of a process may use at the same time. */
export interface BudgetLimits {
  bytes: number;
  /** What one caller may have of it, so that the others have the rest. */
  bytesPerOwner: number;
  /** How long a request waits for its share. */
  waitMs: number;
  /** More requests than this do not wait. */
  maxWaiting: number;
  /** More requests of one caller than this do not wait, so that the others find a place. */
  maxWaitingPerOwner: number;
}

interface Waiting {
  owner: string;
  bytes: number;
  admit: (share: Share) => void;
}

/** The bytes that one request has taken. */
export class Share {
  private isReleased = false;

  constructor(
    private readonly owner: string,
    private bytes: number,
    private readonly changed: (owner: string, by: number) => void,
  ) {}

  /** Sets the size once it is known. It takes effect at once, also if it is more than was asked for; after the release it has none. */
  resize(bytes: number): void {
    if (this.isReleased) return;
    const by = bytes - this.bytes;
    this.bytes = bytes;
    if (by !== 0) this.changed(this.owner, by);
  }

  /** Gives everything back. Can be called again. */
  release(): void {
    this.resize(0);
    this.isReleased = true;
  }
}

/** A number of bytes that requests share. One that finds no room waits, first come, first served. */
export class ByteBudget {
  private taken = 0;
  private readonly takenBy = new Map<string, number>();
  private readonly waiting = new Set<Waiting>();

  constructor(private readonly limits: BudgetLimits) {}

  /** How many bytes are in use. */
  get used(): number {
    return this.taken;
  }

  /** Takes bytes for a request of this owner; null if there was no room in time. A request larger than the budget gets all of it. */
  take(owner: string, wanted: number): Promise<Share | null> {
    const bytes = Math.min(wanted, this.limits.bytes, this.limits.bytesPerOwner);
    if (this.waiting.size === 0 && this.hasRoom(owner, bytes)) return Promise.resolve(this.shareOf(owner, bytes));
    if (this.waiting.size >= this.limits.maxWaiting) return Promise.resolve(null);
    if (this.waitingOf(owner) >= this.limits.maxWaitingPerOwner) return Promise.resolve(null);
    return new Promise((resolve) => {
      const place: Waiting = { owner, bytes, admit: (share) => (clearTimeout(timer), resolve(share)) };
      const timer = setTimeout(() => {
        this.waiting.delete(place);
        resolve(null);
        this.admitWaiting();
      }, this.limits.waitMs);
      timer.unref();
      this.waiting.add(place);
      this.admitWaiting();
    });
  }

  private shareOf(owner: string, bytes: number): Share {
    this.change(owner, bytes);
    return new Share(owner, bytes, (of, by) => {
      this.change(of, by);
      if (by < 0) this.admitWaiting();
    });
  }

  /** An owner who has all that one may have does not hold up the others. */
  private admitWaiting(): void {
    for (const place of this.waiting) {
      if (!this.mayHave(place.owner, place.bytes)) continue;
      if (!this.hasRoom(place.owner, place.bytes)) return;
      this.waiting.delete(place);
      place.admit(this.shareOf(place.owner, place.bytes));
    }
  }

  private waitingOf(owner: string): number {
    let count = 0;
    for (const place of this.waiting) if (place.owner === owner) count++;
    return count;
  }

  private hasRoom(owner: string, bytes: number): boolean {
    return this.taken + bytes <= this.limits.bytes && this.mayHave(owner, bytes);
  }

  private mayHave(owner: string, bytes: number): boolean {
    return (this.takenBy.get(owner) ?? 0) + bytes <= this.limits.bytesPerOwner;
  }

  private change(owner: string, by: number): void {
    this.taken += by;
    const own = (this.takenBy.get(owner) ?? 0) + by;
    if (own === 0) this.takenBy.delete(owner);
    else this.takenBy.set(owner, own);
  }
}
