const LOOK_EVERY_MS = 20;
/** More than this between two looks is a delay of the suite's own process. */
const MAX_STEP_MS = 60;

let lookedAt = performance.now();
let running = 0;

setInterval(() => (running = ownTime()) && (lookedAt = performance.now()), LOOK_EVERY_MS).unref();

/** Milliseconds, without those in which this process stood still: nobody else is to blame for them. */
export function ownTime(): number {
  return running + Math.min(performance.now() - lookedAt, MAX_STEP_MS);
}
