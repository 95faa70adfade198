import { describe, expect, it } from '@jest/globals';
import { Loop } from '../../src/async/loop.js';
import { until } from '../support/until.js';

const LONG_MS = 60_000;
const WAIT_MS = 5_000;

/** A loop that counts its turns; each answers with the next of these pauses, or a long one. */
function aLoop(pauses: number[], minPauseMs = 0) {
  let turns = 0;
  const turn = () => Promise.resolve((turns++, pauses.shift() ?? LONG_MS));
  const loop = new Loop({ turn, minPauseMs });
  return { loop, turns: () => turns, ran: (count: number) => until(() => turns >= count, WAIT_MS, `turn ${count}`) };
}

describe('Loop', () => {
  it('runs turns one after the other, with the pauses that they answer', async () => {
    const { loop, ran, turns } = aLoop([0, 0, 20]);
    const startedAt = performance.now();
    loop.start();
    loop.start();
    await ran(4);
    expect(performance.now() - startedAt).toBeGreaterThan(15);
    expect(turns()).toBe(4);
    await loop.stop();
  });

  it('gives the event loop a turn between two turns without a pause, so that work that never waits does not stop all else', async () => {
    const turns = 100;
    let left = turns;
    const loop = new Loop({ turn: () => Promise.resolve(--left > 0 ? 0 : LONG_MS) });
    const leftAtFirst = new Promise<number>((seen) => setImmediate(() => seen(left)));
    loop.start();
    expect(await leftAtFirst).toBeGreaterThanOrEqual(turns - 2);
    await until(() => left === 0, WAIT_MS, 'all turns');
    await loop.stop();
  });

  it('stops in a pause at once, and runs no turn after that', async () => {
    const { loop, ran, turns } = aLoop([]);
    loop.start();
    await ran(1);
    await loop.stop();
    loop.start();
    loop.wakeWithin(0);
    await new Promise((wake) => setTimeout(wake, 20));
    expect(turns()).toBe(1);
  });

  it('that was stopped before never starts', async () => {
    const { loop, turns } = aLoop([]);
    await loop.stop();
    loop.start();
    expect(turns()).toBe(0);
  });

  it('waits for the turn under way when it stops', async () => {
    const turn = Promise.withResolvers<number>();
    const loop = new Loop({ turn: () => turn.promise });
    loop.start();
    let stopped = false;
    const stop = loop.stop().then(() => (stopped = true));
    await new Promise((next) => setImmediate(next));
    expect([loop.isStopping, stopped]).toEqual([true, false]);
    turn.resolve(0);
    await stop;
  });

  it('wakes early, also when it was told during a turn, but not before its shortest pause', async () => {
    const { loop, ran } = aLoop([], 30);
    loop.start();
    await ran(1);
    const startedAt = performance.now();
    loop.wakeWithin(0);
    loop.wakeWithin(LONG_MS);
    await ran(2);
    expect(performance.now() - startedAt).toBeGreaterThan(25);
    await loop.stop();

    let turns = 0;
    const told: Loop = new Loop({
      turn: () => {
        if (++turns === 1) told.wakeWithin(5);
        return Promise.resolve(LONG_MS);
      },
    });
    told.start();
    await until(() => turns === 2, WAIT_MS, 'the turn that was asked for');
    await told.stop();
  });

  it('goes on after failures, later as its owner says, and counts those in a row', async () => {
    const counted: number[] = [];
    const answers = [() => Promise.reject(new Error('1')), () => Promise.reject(new Error('2')), () => Promise.resolve(LONG_MS)];
    const loop: Loop = new Loop({
      turn: () => answers.shift()!(),
      failed: () => {
        counted.push(loop.failures);
        return 1;
      },
    });
    loop.start();
    await until(() => answers.length === 0, WAIT_MS, 'the turn that goes well');
    await loop.stop();
    expect(counted).toEqual([1, 2]);
    expect(loop.failures).toBe(0);
  });
});
