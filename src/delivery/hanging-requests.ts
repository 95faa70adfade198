/** A request hangs after one of these times, in ms: the shortest that is as long as its endpoint is allowed. */
const LIMITS_MS = [250, 500, 1_000];

interface Watched {
  readonly startedAt: number;
  readonly over: boolean;
}

/** Finds requests that are under way for too long. One list for each limit, oldest first: the cost is O(1) for each request. */
export class HangingRequests<Item extends Watched> {
  private readonly lists = LIMITS_MS.map((limitMs) => ({ limitMs, items: [] as Item[] }));

  constructor(private readonly onHang: (item: Item) => void) {}

  /** @param allowedMs after how long the request hangs, at the least; 1 s at the most */
  watch(item: Item, allowedMs: number): void {
    const list = this.lists.find(({ limitMs }) => limitMs >= allowedMs) ?? this.lists.at(-1)!;
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
