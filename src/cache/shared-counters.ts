/** A count that must not exceed a limit, for a time. */
export interface Counter {
  key: string;
  limit: number;
  /** How long it is kept after the last change. */
  keepMs: number;
}

/** What counters gave: how many of the wanted units, and how many the tightest of them has left. */
export interface UnitsTaken {
  granted: number;
  left: number;
  /** The place of the tightest counter in the list. */
  tightest: number;
}

/** The sum that the counters without a value begin with, one for each. */
export type Seeds = readonly number[];

/** How many units may be taken when the counters have these values. The script TAKE_UNITS does the same in Redis. */
export function unitsOf(values: readonly number[], limits: readonly number[], want: number): UnitsTaken {
  const rooms = limits.map((limit, at) => Math.max(0, limit - values[at]!));
  const room = Math.min(...rooms);
  const granted = Math.min(want, room);
  return { granted, left: room - granted, tightest: rooms.indexOf(room) };
}
