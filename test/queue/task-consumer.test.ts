import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { TaskSource } from '../../src/queue/task-source.js';
import { createLog } from '../../src/observability/log.js';
import { PollingState } from '../../src/queue/polling-state.js';
import { until } from '../support/until.js';
import { ConsumerRig } from './consumer-rig.js';
import { lookInto } from './embedded.js';
import { Source } from './source.js';

const WAIT_MS = 10_000;

describe('TaskConsumer', () => {
  let rig: ConsumerRig;

  beforeEach(async () => {
    rig = await ConsumerRig.start();
  });
  afterEach(() => rig.stop());

  it('hands tasks over and deletes them when they are handled', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await rig.sendTasks(['1', '2', '3']);
    await until(() => source.handled.length === 3, WAIT_MS, 'three tasks');
    expect(source.handled.sort()).toEqual(['1', '2', '3']);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    expect(rig.lines).toEqual([]);
  });

  it('goes through a backlog in larger pieces, as large as it is granted', async () => {
    const source = new Source(1_000, undefined, 40);
    const names = Array.from({ length: 200 }, (_, n) => String(n));
    for (let at = 0; at < names.length; at += 10) await rig.sendTasks(names.slice(at, at + 10));
    rig.consumer.start(source);
    await until(() => source.handled.length >= names.length, WAIT_MS, 'all tasks');

    expect(source.handled.toSorted()).toEqual(names.toSorted());
    expect(Math.max(...source.batches)).toBeGreaterThan(10);
    expect(Math.max(...source.batches)).toBeLessThanOrEqual(40);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    await rig.consumer.stop({ abort: true });
    expect(source.free).toBe(1_000);
  });

  it('deletes nothing when handling throws: the tasks come again', async () => {
    const source = new Source(20);
    source.fails = 1;
    rig.consumer.start(source);
    await rig.sendTasks(['again']);
    await until(() => rig.lines.length > 0, WAIT_MS, 'the line about the failure');
    expect(source.handled).toEqual([]);
    expect(rig.lines).toMatchObject([
      { level: 'warn', msg: 'queue.tasks_not_handled', tasks: 1, error: 'Error: the database is away' },
    ]);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task to come again');
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    expect(source.batches).toEqual([1, 1]);
  });

  it('puts what it cannot read into the dead-letter queue, unchanged, with the reason', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    const body = '{"v":1, "app":"nobody"} ';
    await rig.queue.sqs.send(
      new SendMessageCommand({
        QueueUrl: rig.queue.url,
        MessageBody: body,
        MessageAttributes: { from: { DataType: 'String', StringValue: 'elsewhere' } },
      }),
    );
    await until(() => rig.lines.length > 0, WAIT_MS, 'the line about the broken task');
    expect(rig.lines).toMatchObject([
      { level: 'error', msg: 'queue.task_broken', reason: 'app is not an application id', deadLettered: true },
    ]);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    const [dead] = await lookInto(rig.queue, (await rig.queue.deadLetterUrl())!);
    expect(dead?.Body).toBe(body);
    expect(dead?.MessageAttributes).toMatchObject({
      reason: { StringValue: 'app is not an application id' },
      from: { StringValue: 'elsewhere' },
    });
    expect(source.batches).toEqual([]);
    await rig.consumer.stop({ abort: true });
    expect(source.free).toBe(20);
  });

  it('leaves what it cannot read in the queue while the dead-letter queue does not take it', async () => {
    let refusals = 1;
    const refusing = (next: (args: never) => Promise<never>) => (args: never) => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('no room');
      }
      return next(args);
    };
    await rig.send('not a task');
    rig.queue.sqs.middlewareStack.add(
      (next, { commandName }) => (commandName === 'SendMessageCommand' ? (refusing(next as never) as never) : next),
      { step: 'initialize' },
    );
    rig.consumer.start(new Source(20));
    await until(() => rig.lines.length === 2, WAIT_MS, 'two tries');
    expect(rig.lines).toMatchObject([
      { deadLettered: false, error: 'Error: no room' },
      { deadLettered: true, reason: 'not a JSON object' },
    ]);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
  });

  it('drops what a newer release wrote', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await rig.send('{"v":2,"what":"ever"}');
    await until(() => rig.lines.length > 0, WAIT_MS, 'the line about the newer task');
    expect(rig.lines).toMatchObject([{ level: 'warn', msg: 'queue.task_newer', version: 2 }]);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    expect(await lookInto(rig.queue, (await rig.queue.deadLetterUrl())!)).toEqual([]);
    expect(source.batches).toEqual([]);
  });

  it('never asks for more than was granted, and waits while nothing is', async () => {
    const done: (() => void)[] = [];
    const source = new Source(3, () => new Promise<void>((resolve) => done.push(resolve)));
    await rig.sendTasks(['1', '2', '3', '4', '5', '6', '7', '8']);
    rig.consumer.start(source);
    await until(() => source.batches.length > 0, WAIT_MS, 'the first tasks');
    const [{ MaxNumberOfMessages } = {}] = rig.asked;
    expect(MaxNumberOfMessages).toBe(3);
    expect(rig.asked).toHaveLength(1);
    expect(source.batches).toEqual([3]);
    source.grow(1);
    await until(() => source.batches.length === 2, WAIT_MS, 'the next task');
    expect(source.batches).toEqual([3, 1]);
    for (let round = 0; source.handled.length < 8; round += 1) {
      done.splice(0).forEach((finish) => finish());
      await new Promise((turn) => setImmediate(turn));
    }
    expect(Math.max(...source.batches)).toBeLessThanOrEqual(4);
    expect(source.most).toBe(4);
    await rig.consumer.stop({ abort: true });
    expect(source.free).toBe(4);
  });

  it('backs off while the queue is away, with one line at each end', async () => {
    const source = new Source(20);
    rig.away = true;
    rig.consumer.start(source);
    await until(() => rig.asked.length >= 6, WAIT_MS, 'three tries of each');
    expect(rig.lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn queue.away']);
    expect(rig.lines[0]).toMatchObject({ error: 'Error: no route', errorCode: 'ECONNREFUSED' });
    const tries = rig.asked.length;
    // 200, 400, 800 ms: a hot loop would have asked hundreds of times.
    expect(tries).toBeLessThan(10);
    rig.away = false;
    await rig.sendTasks(['after']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task');
    expect(rig.lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn queue.away', 'info queue.back']);
    expect(rig.asked[tries]?.WaitTimeSeconds).toBe(1);
  });

  it('says a refusal as an error and not as an outage', () => {
    const lines: string[] = [];
    const state = new PollingState(createLog('info', { write: (line) => lines.push(line) }));
    const refusal = Object.assign(new Error('Access to the resource is denied.'), { name: 'AccessDenied', $fault: 'client' });

    state.failed(refusal);
    state.failed(refusal);
    state.worked();

    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'error', msg: 'queue.refused', error: 'AccessDenied: Access to the resource is denied.' }),
      expect.objectContaining({ level: 'info', msg: 'queue.back' }),
    ]);
  });

  it('does not spin when its source breaks', async () => {
    let calls = 0;
    const broken: TaskSource = {
      capacity: () => {
        calls += 1;
        return Promise.reject(new Error('no idea'));
      },
      unused: () => undefined,
      handle: () => Promise.resolve(),
    };
    rig.consumer.start(broken);
    await until(() => calls >= 4, WAIT_MS, 'two tries of each');
    expect(rig.lines[0]).toMatchObject({ level: 'error', msg: 'queue.no_capacity', error: 'Error: no idea' });
    expect(calls).toBeLessThan(10);
  });
});
