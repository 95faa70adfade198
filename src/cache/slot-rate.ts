/** How one rate is kept: an event every `intervalUs`, and events up to `toleranceUs` early (that is the burst). */
export interface SlotRate {
  intervalUs: number;
  toleranceUs: number;
}

/** The rate of `perSecond` (above 0) events; a tenth of a second's worth, at least one event, may go together. */
export function slotRate(perSecond: number): SlotRate {
  const intervalUs = 1_000_000 / perSecond;
  const burst = Math.max(1, Math.floor(perSecond / 10));
  return { intervalUs, toleranceUs: (burst - 1) * intervalUs };
}

/** The waits in ms of `count` events, when `backlogUs` worth of events are ahead of them. Rounded up: never early. */
export function waitsOf(rate: SlotRate, backlogUs: number, count: number): number[] {
  const firstUs = backlogUs - rate.toleranceUs;
  return Array.from({ length: count }, (_, position) => Math.max(0, Math.ceil((firstUs + position * rate.intervalUs) / 1000)));
}
