/** An application or organisation counts as having work for so long after its last delivery asked for a permit. */
const SEEN_FOR_MS = 2_000;

/** Counts the permits of each application, or of each organisation, and knows whether others have work. */
export class FairShare {
  private readonly counts = new Map<string, number>();
  private readonly seen = new Map<string, number>();
  private latest: string | undefined;
  /** When two different ones last asked one after the other, on the monotonic clock. */
  private mixedAt = Number.NEGATIVE_INFINITY;

  /** Notes that it has work. Answers whether it holds less than `max`, or no other has work. */
  fits(id: string, max: number): boolean {
    const now = performance.now();
    if (this.latest !== undefined && this.latest !== id) this.mixedAt = now;
    this.latest = id;
    this.seen.delete(id);
    this.seen.set(id, now);
    for (const [other, at] of this.seen) {
      if (now - at <= SEEN_FOR_MS) break;
      this.seen.delete(other);
    }
    return this.seen.size === 1 || this.of(id) < max;
  }

  /** Whether only one of them has asked for so long. */
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
