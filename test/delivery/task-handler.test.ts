import { describe, expect, it } from '@jest/globals';
import type { Dispatcher } from '../../src/delivery/dispatcher.js';
import { TaskHandler } from '../../src/delivery/task-handler.js';
import type { ReleaseGate } from '../../src/release/release-gate.js';
import { FairnessRig } from './fairness-rig.js';

const BATCH = 10;

/** A handler whose process has so many permits and this share of the traffic. */
function aHandler(concurrency: number, share: number) {
  const rig = new FairnessRig(concurrency, share);
  const followers: (() => void)[] = [];
  const gate = { share, onChange: (follow: () => void) => followers.push(follow) };
  const handler = new TaskHandler(rig.permits, {} as Dispatcher, gate as unknown as ReleaseGate);
  const stop = new AbortController();
  let answer: number | null = null;
  void handler.room(BATCH, stop.signal).then((messages) => (answer = messages));
  return {
    rig,
    handler,
    stop,
    shift(to: number) {
      gate.share = to;
      rig.shift(to);
      for (const follow of followers) follow();
    },
    /** What `room` has answered by now, null if nothing. */
    async answered() {
      await new Promise((turn) => setImmediate(turn));
      return answer;
    },
  };
}

describe('the room for tasks', () => {
  it.each([
    { permits: 1_024, share: 1, messages: 10 },
    { permits: 1_024, share: 0.1, messages: 9 },
    { permits: 1_024, share: 0.01, messages: 1 },
    { permits: 20, share: 0.1, messages: 1 },
    { permits: 1, share: 1, messages: 1 },
    { permits: 1, share: 0.01, messages: 1 },
  ])('of $permits permits at a share of $share is for $messages messages', async ({ permits, share, messages }) => {
    expect(await aHandler(permits, share).answered()).toBe(messages);
  });

  it.each([0.01, 0.1, 1])('is there at a share of %s while one endpoint hangs with some of the permits', async (share) => {
    const { rig, handler } = aHandler(1_024, share);
    rig.starts('hangs', { source: 'queue' });
    rig.goesBy(15_000);

    expect(await handler.room(BATCH, AbortSignal.timeout(5_000))).toBeGreaterThan(0);
  });

  it('is there for the queue while the hand-off has all that it may have', async () => {
    const { rig, handler } = aHandler(32, 1);
    for (let n = 0; n < 32; n++) rig.hasAnswered(`ep_${n}`);
    let held = 0;
    while (rig.starts(`ep_${held}`, { org: `org_${held}` })) held++;
    expect(held).toBe(24);

    expect(await handler.room(BATCH, AbortSignal.timeout(5_000))).toBeGreaterThan(0);
  });

  it.each([0.1, 0.01])(
    'is there for a poller that waited for it when the share falls to %s, once permits are free',
    async (share) => {
      const { rig, handler, shift } = aHandler(1_024, 1);
      const requests = Array.from({ length: 1_024 }, (_, n) => `ep_${n}`).flatMap((id) => {
        rig.hasAnswered(id);
        return rig.starts(id, { source: 'queue', org: id }) ?? [];
      });
      let answer: number | null = null;
      void handler.room(BATCH, new AbortController().signal).then((messages) => (answer = messages));
      await new Promise((turn) => setImmediate(turn));
      expect(answer).toBeNull();

      shift(share);
      for (const request of requests) rig.ends(request, 20, { source: 'queue' });
      await new Promise((turn) => setImmediate(turn));

      expect(answer).toBe(share === 0.1 ? 9 : 1);
    },
  );

  it('is none without a share of the traffic, until one is shifted to this process', async () => {
    const { answered, shift } = aHandler(1_024, 0);
    expect(await answered()).toBeNull();

    shift(0.5);

    expect(await answered()).toBeGreaterThan(0);
  });

  it('is none while the database is away', async () => {
    const { handler } = aHandler(1_024, 1);
    handler.databaseAway = true;
    let answer: number | null = null;
    void handler.room(BATCH, new AbortController().signal).then((messages) => (answer = messages));
    await new Promise((turn) => setImmediate(turn));
    expect(answer).toBeNull();

    handler.databaseAway = false;
    await new Promise((turn) => setImmediate(turn));

    expect(answer).toBe(BATCH);
  });

  it('is not waited for any longer once the consumer stops', async () => {
    const { answered, stop } = aHandler(1_024, 0);
    expect(await answered()).toBeNull();

    stop.abort();

    expect(await answered()).not.toBeNull();
  });
});
