/** After how long a request hangs, in ms: each is watched for the shortest of these that gives its endpoint time enough. */
const LANES_MS = [250, 500, 1_000];

interface Watched {
  readonly startedAt: number;
  readonly over: boolean;
}

/** Tells of requests that are under way for too long. One queue for each patience, oldest first: O(1) a request. */
export class HangingRequests<Item extends Watched> {
  private readonly lanes = LANES_MS.map((ms) => ({ ms, items: [] as Item[] }));

  constructor(private readonly onHung: (item: Item) => void) {}

  /** @param patienceMs how long its endpoint should be given; 1 s is the most */
  watch(item: Item, patienceMs: number): void {
    const lane = this.lanes.find(({ ms }) => ms >= patienceMs) ?? this.lanes.at(-1)!;
    lane.items.push(item);
  }

  look(now: number): void {
    for (const { ms, items } of this.lanes) {
      let looked = 0;
      for (; looked < items.length; looked++) {
        const item = items[looked]!;
        if (!item.over && now - item.startedAt <= ms) break;
        if (!item.over) this.onHung(item);
      }
      if (looked > 0) items.splice(0, looked);
    }
  }
}
