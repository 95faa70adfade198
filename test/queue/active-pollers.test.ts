import { describe, expect, it } from '@jest/globals';
import { ActivePollers, MAX_POLLERS } from '../../src/queue/active-pollers.js';

/** How many pollers may receive now. */
async function countOf(pollers: ActivePollers): Promise<number> {
  const stop = new AbortController();
  let count = 0;
  for (let poller = 0; poller < MAX_POLLERS; poller++)
    void pollers.waitForTurn(poller, stop.signal).then(() => (count += stop.signal.aborted ? 0 : 1));
  await new Promise((turn) => setImmediate(turn));
  stop.abort();
  return count;
}

describe('a backlog in the queue', () => {
  it('makes more pollers receive, twice as many after each full receive', async () => {
    const pollers = new ActivePollers();
    const seen = [await countOf(pollers)];
    for (let receives = 0; receives < 4; receives++) {
      pollers.receiveEnded(10, 10);
      seen.push(await countOf(pollers));
    }

    expect(seen).toEqual([2, 4, 8, MAX_POLLERS, MAX_POLLERS]);
  });

  it('is over with the first receive that brings less than it asked for', async () => {
    const pollers = new ActivePollers();
    pollers.receiveEnded(10, 10);
    pollers.receiveEnded(10, 9);

    expect(await countOf(pollers)).toBe(2);
  });
});
