/** One is "waiting" for this long after it was last seen with work. */
const SEEN_FOR_MS = 2_000;

/** How many permits each application, or each organisation, holds; and whether there are others that have work. */
export class FairShare {
  private readonly counts = new Map<string, number>();
  private readonly seen = new Map<string, number>();
  private latest: string | undefined;
  /** When another one than the one before it asked, on the monotonic clock. */
  private mixedAt = Number.NEGATIVE_INFINITY;

  /** Says that it has work. Whether it holds less than `most`, or nobody else has any. */
  asks(id: string, most: number): boolean {
    const now = performance.now();
    if (this.latest !== undefined && this.latest !== id) this.mixedAt = now;
    this.latest = id;
    this.seen.delete(id);
    this.seen.set(id, now);
    for (const [other, at] of this.seen) {
      if (now - at <= SEEN_FOR_MS) break;
      this.seen.delete(other);
    }
    return this.seen.size === 1 || this.of(id) < most;
  }

  /** Whether nobody but one has asked for so long. */
  isAlone(ms: number): boolean {
    return performance.now() - this.mixedAt > ms;
  }

  of(id: string): number {
    return this.counts.get(id) ?? 0;
  }

  add(id: string, change: number): void {
    const count = this.of(id) + change;
    if (count > 0) this.counts.set(id, count);
    else this.counts.delete(id);
  }
}
