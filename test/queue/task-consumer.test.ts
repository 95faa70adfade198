import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { TaskSource } from '../../src/queue/task-source.js';
import { QueueOutage } from '../../src/queue/queue-outage.js';
import { until } from '../support/until.js';
import { ConsumerRig } from './consumer-rig.js';
import { keptLog, lookInto } from './embedded.js';
import { Source } from './source.js';

const WAIT_MS = 10_000;

describe('TaskConsumer', () => {
  let rig: ConsumerRig;

  beforeEach(async () => {
    rig = await ConsumerRig.start();
  });
  afterEach(() => rig.stop());

  it('passes tasks on and deletes them when they are handled', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await rig.sendTasks(['1', '2', '3']);
    await until(() => source.handled.length === 3, WAIT_MS, 'three tasks');
    expect(source.handled.sort()).toEqual(['1', '2', '3']);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    expect(rig.lines).toEqual([]);
  });

  it('handles a backlog in full batches', async () => {
    const source = new Source(1_000);
    const names = Array.from({ length: 200 }, (_, n) => String(n));
    for (let at = 0; at < names.length; at += 10) await rig.sendTasks(names.slice(at, at + 10));
    rig.consumer.start(source);
    await until(() => source.handled.length >= names.length, WAIT_MS, 'all tasks');

    expect(source.handled.toSorted()).toEqual(names.toSorted());
    expect(Math.max(...source.batches)).toBe(10);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
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

  it('moves a message that is not a task to the dead-letter queue, with the reason', async () => {
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
  });

  it('leaves a message that is not a task in the queue while the dead-letter queue rejects it', async () => {
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

  it('deletes a task of a newer release', async () => {
    const source = new Source(20);
    rig.consumer.start(source);
    await rig.send('{"v":2,"what":"ever"}');
    await until(() => rig.lines.length > 0, WAIT_MS, 'the line about the newer task');
    expect(rig.lines).toMatchObject([{ level: 'warn', msg: 'queue.task_newer', version: 2 }]);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
    expect(await lookInto(rig.queue, (await rig.queue.deadLetterUrl())!)).toEqual([]);
    expect(source.batches).toEqual([]);
  });

  it('receives nothing while there is no room, and then no more messages than there is room for', async () => {
    const source = new Source(0);
    await rig.sendTasks(['1', '2', '3', '4', '5', '6', '7', '8']);
    rig.consumer.start(source);
    await new Promise((turn) => setImmediate(turn));
    expect(rig.receives).toHaveLength(0);

    source.grow(3);
    await until(() => source.handled.length === 8, WAIT_MS, 'all tasks');

    for (const { MaxNumberOfMessages } of rig.receives) expect(MaxNumberOfMessages).toBeLessThanOrEqual(3);
  });

  it('backs off while the queue is away, with one line at each end', async () => {
    const source = new Source(20);
    rig.away = true;
    rig.consumer.start(source);
    await until(() => rig.receives.length >= 12, WAIT_MS, 'three tries of each');
    expect(rig.lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn queue.away']);
    expect(rig.lines[0]).toMatchObject({ error: 'Error: no route', errorCode: 'ECONNREFUSED' });
    const tries = rig.receives.length;
    // 200, 400, 800 ms: a hot loop would have asked hundreds of times.
    expect(tries).toBeLessThan(20);
    rig.away = false;
    await rig.sendTasks(['after']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task');
    expect(rig.lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['warn queue.away', 'info queue.back']);
    expect(rig.receives[tries]?.WaitTimeSeconds).toBe(1);
  });

  it('logs a refusal as an error and not as an outage', () => {
    const { log, lines } = keptLog();
    const outage = new QueueOutage(log);
    const refusal = Object.assign(new Error('Access to the resource is denied.'), { name: 'AccessDenied', $fault: 'client' });

    outage.failed(refusal);
    outage.failed(refusal);
    outage.succeeded();

    expect(lines).toEqual([
      expect.objectContaining({ level: 'error', msg: 'queue.refused', error: 'AccessDenied: Access to the resource is denied.' }),
      expect.objectContaining({ level: 'info', msg: 'queue.back' }),
    ]);
  });

  it('logs that a handled task could not be deleted, and gets it again', async () => {
    const source = new Source(20);
    rig.queue.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'DeleteMessageBatchCommand' && source.handled.length < 2) throw new Error('no route');
          return next(args);
        },
      { step: 'initialize' },
    );
    rig.consumer.start(source);
    await rig.sendTasks(['twice']);
    await until(() => source.handled.length >= 2, WAIT_MS, 'the task to come again');

    expect(rig.lines).toMatchObject([{ level: 'warn', msg: 'queue.delete_failed', of: 1, error: 'Error: no route' }]);
    await until(() => rig.empty(), WAIT_MS, 'an empty queue');
  });

  it('waits before it tries again when its source fails', async () => {
    let calls = 0;
    const broken: TaskSource = {
      pace: 1,
      room: () => {
        calls += 1;
        return Promise.reject(new Error('no idea'));
      },
      handle: () => Promise.resolve(),
    };
    rig.consumer.start(broken);
    await until(() => calls >= 8, WAIT_MS, 'two tries of each');
    expect(rig.lines[0]).toMatchObject({ level: 'error', msg: 'queue.no_capacity', error: 'Error: no idea' });
    expect(calls).toBeLessThan(20);
  });
});
