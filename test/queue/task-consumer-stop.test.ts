import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AlreadyStarted } from '../../src/queue/task-consumer.js';
import { until } from '../support/until.js';
import { ConsumerRig } from './consumer-rig.js';
import { Source } from './source.js';

const WAIT_MS = 10_000;
/** How many pollers receive while there is no backlog. */
const POLLERS = 2;

describe('stopping a TaskConsumer', () => {
  let rig: ConsumerRig;

  beforeEach(async () => {
    rig = await ConsumerRig.start();
  });
  afterEach(() => rig.stop());

  it('stops at once when idle and aborted', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await until(() => rig.receives.length === POLLERS, WAIT_MS, 'the long polls');
    const started = performance.now();
    await rig.consumer.stop({ abort: true });
    // The long polls would have taken 20 s.
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(rig.lines).toEqual([]);
  });

  it('stops while it waits for room', async () => {
    rig.consumer.start(new Source(0));
    await rig.consumer.stop({ abort: false });
    expect(rig.receives).toEqual([]);
  });

  it('finishes and deletes what it holds, even when aborted', async () => {
    let finish = () => {};
    const source = new Source(20, () => new Promise<void>((resolve) => (finish = resolve)));
    rig.consumer.start(source);
    await rig.sendTasks(['held']);
    await until(() => source.batches.length === 1, WAIT_MS, 'the task');
    const stopped = rig.consumer.stop({ abort: true });
    finish();
    await stopped;
    expect(source.handled).toEqual(['held']);
    expect(await rig.empty()).toBe(true);
  });

  it('handles what the last long poll brings, and a second stop with abort is faster', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await until(() => rig.receives.length === POLLERS, WAIT_MS, 'the long polls');
    const stopped = rig.consumer.stop({ abort: false });
    await rig.sendTasks(['last']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the last task');
    await rig.consumer.stop({ abort: true });
    await stopped;
    expect(rig.receives).toHaveLength(POLLERS);
    expect(await rig.empty()).toBe(true);
  });

  it('is started once at a time', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    expect(() => rig.consumer.start(source)).toThrow(AlreadyStarted);
    await rig.consumer.stop({ abort: true });
    rig.consumer.start(source);
    await rig.sendTasks(['1']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task after the second start');
  });
});
