import { describe, expect, it } from '@jest/globals';
import { Backlog, MAX_POLLERS } from '../../src/queue/backlog.js';

/** How many pollers may receive now. */
async function active(backlog: Backlog): Promise<number> {
  const stop = new AbortController();
  let count = 0;
  for (let poller = 0; poller < MAX_POLLERS; poller++)
    void backlog.turnOf(poller, stop.signal).then(() => (count += stop.signal.aborted ? 0 : 1));
  await new Promise((turn) => setImmediate(turn));
  stop.abort();
  return count;
}

describe('a backlog in the queue', () => {
  it('makes more pollers receive, twice as many after each full receive', async () => {
    const backlog = new Backlog();
    const seen = [await active(backlog)];
    for (let receives = 0; receives < 4; receives++) {
      backlog.received(10, 10);
      seen.push(await active(backlog));
    }

    expect(seen).toEqual([2, 4, 8, MAX_POLLERS, MAX_POLLERS]);
  });

  it('is over with the first receive that brings less than it asked for', async () => {
    const backlog = new Backlog();
    backlog.received(10, 10);
    backlog.received(10, 9);

    expect(await active(backlog)).toBe(2);
  });
});
