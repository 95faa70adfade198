import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SendMessageBatchCommand, SendMessageCommand, type ReceiveMessageCommandInput } from '@aws-sdk/client-sqs';
import type { QueueClient } from '../../src/queue/queue-client.js';
import { AlreadyStarted, TaskConsumer } from '../../src/queue/task-consumer.js';
import type { TaskSource } from '../../src/queue/task-source.js';
import { formatTask, type DeliveryTask } from '../../src/queue/task.js';
import { until } from '../support/until.js';
import { aTask, keptLog, lookInto, namesOf, openQueue, type Line } from './embedded.js';

const WAIT_MS = 10_000;

/** A source with so many places; `handled` says what was handed over, and `fails` how often it refuses. */
class Source implements TaskSource {
  handled: string[] = [];
  batches: number[] = [];
  fails = 0;
  most = 0;
  private held = 0;
  private waiters: (() => void)[] = [];

  constructor(
    private places: number,
    private readonly work: (tasks: DeliveryTask[]) => Promise<void> = () => Promise.resolve(),
  ) {}

  get free(): number {
    return this.places - this.held;
  }

  async capacity(): Promise<number> {
    while (this.free < 1) await new Promise<void>((resolve) => this.waiters.push(resolve));
    const granted = Math.min(10, this.free);
    this.held += granted;
    this.most = Math.max(this.most, this.held);
    return granted;
  }

  unused(count: number): void {
    this.held -= count;
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  async handle(tasks: DeliveryTask[]): Promise<void> {
    try {
      this.batches.push(tasks.length);
      await this.work(tasks);
      if (this.fails > 0) {
        this.fails -= 1;
        throw new Error('the database is away');
      }
      this.handled.push(...namesOf(tasks));
    } finally {
      this.unused(tasks.length);
    }
  }

  grow(count: number): void {
    this.places += count;
    this.unused(0);
  }
}

describe('TaskConsumer', () => {
  let queue: QueueClient;
  let consumer: TaskConsumer;
  let lines: Line[];
  let asked: ReceiveMessageCommandInput[];
  let away = false;

  const send = (MessageBody: string) => queue.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
  const sendTasks = async (names: string[]) => {
    const Entries = names.map((name, n) => ({ Id: String(n), MessageBody: formatTask(aTask(name)) }));
    await queue.sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  };
  const empty = async () => {
    const { waiting, inFlight, delayed } = await queue.attributes();
    return waiting + inFlight + delayed === 0;
  };
  const messages = () => lines.map(({ level, msg }) => `${level} ${msg}`);

  beforeEach(async () => {
    queue = await openQueue(1);
    asked = [];
    away = false;
    queue.sqs.middlewareStack.add(
      (next, { commandName }) =>
        (args) => {
          if (commandName === 'ReceiveMessageCommand') {
            asked.push(args.input as ReceiveMessageCommandInput);
            if (away) throw Object.assign(new Error('no route'), { code: 'ECONNREFUSED' });
          }
          return next(args);
        },
      { step: 'initialize' },
    );
    const kept = keptLog();
    lines = kept.lines;
    consumer = new TaskConsumer(queue, kept.log);
  });
  afterEach(async () => {
    away = false;
    await consumer.stop({ abort: true });
    await queue.close();
  });

  it('hands tasks over and deletes them when they are handled', async () => {
    const source = new Source(20);
    consumer.start(source);
    await sendTasks(['1', '2', '3']);
    await until(() => source.handled.length === 3, WAIT_MS, 'three tasks');
    expect(source.handled.sort()).toEqual(['1', '2', '3']);
    await until(empty, WAIT_MS, 'an empty queue');
    expect(lines).toEqual([]);
  });

  it('deletes nothing when handling throws: the tasks come again', async () => {
    const source = new Source(20);
    source.fails = 1;
    consumer.start(source);
    await sendTasks(['again']);
    await until(() => lines.length > 0, WAIT_MS, 'the line about the failure');
    expect(source.handled).toEqual([]);
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'queue.tasks_not_handled', tasks: 1, error: 'Error: the database is away' },
    ]);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task to come again');
    await until(empty, WAIT_MS, 'an empty queue');
    expect(source.batches).toEqual([1, 1]);
  });

  it('puts what it cannot read into the dead-letter queue, unchanged, with the reason', async () => {
    const source = new Source(20);
    consumer.start(source);
    const body = '{"v":1, "app":"nobody"} ';
    await queue.sqs.send(
      new SendMessageCommand({
        QueueUrl: queue.url,
        MessageBody: body,
        MessageAttributes: { from: { DataType: 'String', StringValue: 'elsewhere' } },
      }),
    );
    await until(() => lines.length > 0, WAIT_MS, 'the line about the broken task');
    expect(lines).toMatchObject([
      { level: 'error', msg: 'queue.task_broken', reason: 'app is not an application id', deadLettered: true },
    ]);
    await until(empty, WAIT_MS, 'an empty queue');
    const [dead] = await lookInto(queue, (await queue.deadLetterUrl())!);
    expect(dead?.Body).toBe(body);
    expect(dead?.MessageAttributes).toMatchObject({
      reason: { StringValue: 'app is not an application id' },
      from: { StringValue: 'elsewhere' },
    });
    expect(source.batches).toEqual([]);
    await consumer.stop({ abort: true });
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
    await send('not a task');
    queue.sqs.middlewareStack.add(
      (next, { commandName }) => (commandName === 'SendMessageCommand' ? (refusing(next as never) as never) : next),
      { step: 'initialize' },
    );
    consumer.start(new Source(20));
    await until(() => lines.length === 2, WAIT_MS, 'two tries');
    expect(lines).toMatchObject([
      { deadLettered: false, error: 'Error: no room' },
      { deadLettered: true, reason: 'not a JSON object' },
    ]);
    await until(empty, WAIT_MS, 'an empty queue');
  });

  it('drops what a newer release wrote', async () => {
    const source = new Source(20);
    consumer.start(source);
    await send('{"v":2,"what":"ever"}');
    await until(() => lines.length > 0, WAIT_MS, 'the line about the newer task');
    expect(lines).toMatchObject([{ level: 'warn', msg: 'queue.task_newer', version: 2 }]);
    await until(empty, WAIT_MS, 'an empty queue');
    expect(await lookInto(queue, (await queue.deadLetterUrl())!)).toEqual([]);
    expect(source.batches).toEqual([]);
  });

  it('never asks for more than was granted, and waits while nothing is', async () => {
    const done: (() => void)[] = [];
    const source = new Source(3, () => new Promise<void>((resolve) => done.push(resolve)));
    await sendTasks(['1', '2', '3', '4', '5', '6', '7', '8']);
    consumer.start(source);
    await until(() => source.batches.length > 0, WAIT_MS, 'the first tasks');
    const [{ MaxNumberOfMessages } = {}] = asked;
    expect(MaxNumberOfMessages).toBe(3);
    expect(asked).toHaveLength(1);
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
    await consumer.stop({ abort: true });
    expect(source.free).toBe(4);
  });

  it('polls nothing while paused, and goes on when resumed', async () => {
    const source = new Source(20);
    consumer.pause();
    consumer.pause();
    consumer.start(source);
    await sendTasks(['1']);
    expect(asked).toHaveLength(0);
    expect(source.free).toBe(20);
    consumer.resume();
    consumer.resume();
    await until(() => source.handled.length === 1, WAIT_MS, 'the task');
  });

  it('stops at once when idle and aborted, and gives back what was granted', async () => {
    const source = new Source(20);
    consumer.start(source);
    await until(() => asked.length === 2, WAIT_MS, 'two long polls');
    expect(source.free).toBe(0);
    const started = performance.now();
    await consumer.stop({ abort: true });
    expect(performance.now() - started).toBeLessThan(500);
    expect(source.free).toBe(20);
    expect(lines).toEqual([]);
  });

  it('stops while it waits for capacity or is paused', async () => {
    const source = new Source(0);
    consumer.start(source);
    await consumer.stop({ abort: false });
    source.grow(5);
    await until(() => source.free === 5, WAIT_MS, 'the late grant to come back');
    consumer.pause();
    consumer.start(source);
    await consumer.stop({ abort: false });
    expect(asked).toEqual([]);
  });

  it('finishes and deletes what it holds, even when aborted', async () => {
    let finish = () => {};
    const source = new Source(20, () => new Promise<void>((resolve) => (finish = resolve)));
    consumer.start(source);
    await sendTasks(['held']);
    await until(() => source.batches.length === 1, WAIT_MS, 'the task');
    const stopped = consumer.stop({ abort: true });
    finish();
    await stopped;
    expect(source.handled).toEqual(['held']);
    expect(await empty()).toBe(true);
  });

  it('handles what the last long poll brings when it is let run out, and can be hurried', async () => {
    const source = new Source(20);
    consumer.start(source);
    await until(() => asked.length === 2, WAIT_MS, 'two long polls');
    const stopped = consumer.stop({ abort: false });
    await sendTasks(['last']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the last task');
    await consumer.stop({ abort: true });
    await stopped;
    expect(asked).toHaveLength(2);
    expect(await empty()).toBe(true);
    expect(source.free).toBe(20);
  });

  it('is started once at a time', async () => {
    const source = new Source(20);
    consumer.start(source);
    expect(() => consumer.start(source)).toThrow(AlreadyStarted);
    await consumer.stop({ abort: true });
    consumer.start(source);
    await sendTasks(['1']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task after the second start');
  });

  it('backs off while the queue is away, with one line at each end', async () => {
    const source = new Source(20);
    away = true;
    consumer.start(source);
    await until(() => asked.length >= 6, WAIT_MS, 'three tries of each');
    expect(messages()).toEqual(['warn queue.away']);
    expect(lines[0]).toMatchObject({ error: 'Error: no route', errorCode: 'ECONNREFUSED' });
    const tries = asked.length;
    // 200, 400, 800 ms: a hot loop would have asked hundreds of times.
    expect(tries).toBeLessThan(10);
    away = false;
    await sendTasks(['after']);
    await until(() => source.handled.length === 1, WAIT_MS, 'the task');
    expect(messages()).toEqual(['warn queue.away', 'info queue.back']);
    expect(asked[tries]?.WaitTimeSeconds).toBe(1);
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
    consumer.start(broken);
    await until(() => calls >= 4, WAIT_MS, 'two tries of each');
    expect(lines[0]).toMatchObject({ level: 'error', msg: 'queue.no_capacity', error: 'Error: no idea' });
    expect(calls).toBeLessThan(10);
  });
});
