/** The header has whole seconds: the time is between it and a second later. */
const HALF_MS = 500;
let aheadMs = 0;
let settle: () => void;
/** Settled with the first answer of the server. */
export const firstAnswer = new Promise<void>((resolve) => (settle = resolve));

/**
 * The time by the server's clock, in ms since 1970; until it is known, by that of the device, which may be hours wrong. What the server is asked
 * for goes by it, and so does what is compared with the server's times.
 */
export const serverNow = (): number => Date.now() - aheadMs;

/**
 * Learns the server's time from an answer.
 *
 * @param date the answer's header `Date`
 * @param sentAt when the request was sent, by the clock of the device, in ms since 1970
 */
export function noteServerTime(date: string | null, sentAt: number): void {
  settle();
  const at = Date.parse(date ?? '');
  if (Number.isNaN(at)) return;
  const halfWay = (Date.now() - sentAt) / 2;
  const ahead = sentAt + halfWay - (at + HALF_MS);
  aheadMs = Math.abs(ahead) > halfWay + HALF_MS ? ahead : 0;
}
