/** A rate: one event every `intervalUs`. An event may be `toleranceUs` early, which allows bursts. */
export interface SlotRate {
  intervalUs: number;
  toleranceUs: number;
}

/** The rate of `perSecond` (above 0) events. A burst is a tenth of a second's worth of events, at least one. */
export function slotRate(perSecond: number): SlotRate {
  const intervalUs = 1_000_000 / perSecond;
  const burst = Math.max(1, Math.floor(perSecond / 10));
  return { intervalUs, toleranceUs: (burst - 1) * intervalUs };
}

/** How many ms each of `count` events has to wait when `backlogUs` of reserved events are before them. Rounded up, so that none is early. */
export function waitsOf(rate: SlotRate, backlogUs: number, count: number): number[] {
  const firstUs = backlogUs - rate.toleranceUs;
  return Array.from({ length: count }, (_, position) => Math.max(0, Math.ceil((firstUs + position * rate.intervalUs) / 1000)));
}
