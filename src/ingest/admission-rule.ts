/**
 * Accepted work waits no longer than this for its answer, as far as that can be known before. Less than half of what is promised (1 s): a request also waits in its socket before
 * it is counted.
 */
const TARGET_MS = 400;
/** So many fit always, of whoever sends them: what the running group commits hold. With fewer, groups would be too small to show what the database can do. */
export const MIN_IN_FLIGHT = 128;
/** More never fit, however fast the process is: this bounds their memory. */
export const MAX_IN_FLIGHT = 2_000;
/** The payloads of single messages in flight. Batches have a budget of their own (api/http-support/memory-limits.ts). */
export const MAX_BYTES = 64 * 1_048_576;
/**
 * How much the newest measurement of the rate counts if it took 100 ms; one that took longer counts more. A lower one counts less: the refusals of an overload slow down everything, and a limit that
 * followed at once would refuse still more. It follows a slower database within seconds.
 */
const FASTER_PART = 0.3;
const SLOWER_PART = 0.05;
const MEASURED_MS = 100;
/**
 * What a request counts that is carried out by itself, such as a resend or a recover. It has statements of its own and takes several times as long as a message, which shares
 * those of a group. As one message each, so many fitted always that a slow process took seconds for them.
 */
export const ALONE_WEIGHT = 4;
/** Assumed until it is measured under load, in messages a second. It lets a burst of 760 messages in. */
export const FIRST_RATE = 1_900;
/**
 * So long, in ms of being busy after a rest, a lower rate counts as much as a higher one. What was assumed before is no measurement of this load: requests that take
 * ten times as long would wait for seconds until it is followed.
 */
export const LEARNING_MS = 1_000;
/** A process that is not busy forgets a low rate by this part, ten times a second: it was the rate of an outage, or of another load. */
const FORGOTTEN_PART = 0.05;

/** What is in flight, in messages. */
export interface InFlight {
  all: number;
  /** Of the organisation that asks. */
  own: number;
  /** How many organisations have something in flight, the one that asks included. */
  owners: number;
  /** Of the payloads of all, and of the organisation that asks. */
  bytes: number;
  ownBytes: number;
}

/** How many messages began since the last look, of the organisation that asks, and of how many organisations. */
export interface Begun {
  own: number;
  owners: number;
}

/** How many messages may be in flight: as many as are answered within the target, by the rate at which they were answered lately (Little's law). */
export function limitOf(perSecond: number): number {
  return Math.round(Math.min(MAX_IN_FLIGHT, Math.max(MIN_IN_FLIGHT, (perSecond * TARGET_MS) / 1000)));
}

/**
 * The rate after one more measurement. It tells what the process can do only if there was always something to do.
 *
 * @param busyMs for how long that was so before, since the process rested
 */
export function rateAfter(perSecond: number, answered: number, elapsedMs: number, busyMs: number): number {
  // Nothing at all is an outage, not a rate.
  if (answered === 0) return perSecond;
  const newest = (answered * 1000) / elapsedMs;
  const followsAtOnce = newest > perSecond || busyMs < LEARNING_MS;
  return perSecond + partOf(followsAtOnce ? FASTER_PART : SLOWER_PART, elapsedMs) * (newest - perSecond);
}

/** A process that gets little CPU time measures seldom. It must not take longer to notice. */
function partOf(part: number, elapsedMs: number): number {
  return 1 - (1 - part) ** (elapsedMs / MEASURED_MS);
}

/** The rate that is assumed after a time in which the process was not busy. */
export function rateAtRest(perSecond: number): number {
  return perSecond + FORGOTTEN_PART * Math.max(0, FIRST_RATE - perSecond);
}

/** What so many messages of one request count: at least one, and no more than a quarter of the limit, so that several large batches find room. */
export function weightOf(messages: number, limit: number): number {
  return Math.max(1, Math.min(messages, Math.floor(limit / 4)));
}

/**
 * Whether work of this weight may begin. An organisation that has less than an equal part of the limit may always go on: so one that floods
 * can't keep the others out. Beyond that part there must be room, and while others have work, one organisation has at most half.
 */
export function fits({ all, own, owners, bytes, ownBytes }: InFlight, weight: number, limit: number): boolean {
  if (bytes > MAX_BYTES && ownBytes > MAX_BYTES / (2 * owners)) return false;
  if (own + weight <= limit / owners || all + weight <= MIN_IN_FLIGHT) return true;
  return all + weight <= limit && (owners === 1 || own + weight <= limit / 2);
}

/**
 * Whether an organisation may begin one more message although as many have begun since the last look as deliveries leave room for. It may up to
 * an equal part, so that a flood does not use up what is left for the others.
 */
export function hasPartLeft({ own, owners }: Begun, allowance: number): boolean {
  return own < Math.max(1, allowance / Math.max(1, owners));
}
