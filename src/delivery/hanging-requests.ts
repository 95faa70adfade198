/** A request hangs after one of these times, in ms: the shortest that gives its endpoint as long as it usually needs. */
const LIMITS_MS = [250, 500, 1_000];

interface Watched {
  readonly startedAt: number;
  readonly over: boolean;
}

/** Finds requests that are under way for too long. One list for each limit, oldest first: the cost is O(1) for each request. */
export class HangingRequests<Item extends Watched> {
  private readonly lists = LIMITS_MS.map((limitMs) => ({ limitMs, items: [] as Item[] }));

  constructor(private readonly onHang: (item: Item) => void) {}

  /** @param usualMs how long the endpoint should be given; 1 s is the most */
  watch(item: Item, usualMs: number): void {
    const list = this.lists.find(({ limitMs }) => limitMs >= usualMs) ?? this.lists.at(-1)!;
    list.items.push(item);
  }

  check(now: number): void {
    for (const { limitMs, items } of this.lists) {
      let checked = 0;
      for (; checked < items.length; checked++) {
        const item = items[checked]!;
        if (!item.over && now - item.startedAt <= limitMs) break;
        if (!item.over) this.onHang(item);
      }
      if (checked > 0) items.splice(0, checked);
    }
  }
}
