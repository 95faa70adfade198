import { describe, expect, it } from '@jest/globals';
import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { UNTRACED } from '../../src/observability/tracing.js';
import type { QueueClient } from '../../src/queue/queue-client.js';
import { TaskProducer } from '../../src/queue/task-producer.js';
import { parseTask } from '../../src/queue/task.js';
import { until } from '../support/until.js';
import { aTask, keptLog, lookInto, namesOf, openQueue } from './embedded.js';

type Answer = { Failed?: { Id: string; Code: string }[] };

/** A queue client that keeps what is sent and answers with the results of `answer`. */
function aStub(answer: (input: SendMessageBatchCommandInput, call: number) => Promise<Answer> | Answer) {
  const calls: SendMessageBatchCommandInput[] = [];
  const send = async ({ input }: { input: SendMessageBatchCommandInput }) => {
    calls.push(input);
    return await answer(input, calls.length);
  };
  return { calls, queue: { url: 'http://queue', sqs: { send } } as unknown as QueueClient };
}

function tasks(count: number, name = 'm') {
  return Array.from({ length: count }, (_, n) => aTask(`${name}${n}`));
}

function sentBy(call: SendMessageBatchCommandInput | undefined): string[] {
  return (call?.Entries ?? []).flatMap(({ MessageBody }) => {
    const parsed = parseTask(MessageBody ?? '');
    return parsed.kind === 'task' ? namesOf([parsed.task]) : ['broken'];
  });
}

describe('TaskProducer', () => {
  it('puts what callers send in the same turn into calls of ten', async () => {
    const { queue, calls } = aStub(() => ({}));
    const producer = new TaskProducer(queue, keptLog().log, UNTRACED);
    await Promise.all(tasks(23).map((task) => producer.send([task])));
    expect(calls.map(({ Entries }) => Entries?.length)).toEqual([10, 10, 3]);
    expect(calls.flatMap(sentBy)).toEqual(namesOf(tasks(23)));
  });

  it('does not keep a lone caller waiting for others', async () => {
    const { queue, calls } = aStub(() => ({}));
    const sent = new TaskProducer(queue, keptLog().log, UNTRACED).send([aTask('alone')]);
    await new Promise((turn) => setImmediate(turn));
    expect(calls).toHaveLength(1);
    await sent;
  });

  it('sends nothing for nothing', async () => {
    const { queue, calls } = aStub(() => ({}));
    await new TaskProducer(queue, keptLog().log, UNTRACED).send([]);
    expect(calls).toHaveLength(0);
  });

  it('names the application as the message group, on what leaves for SQS', async () => {
    const queue = await openQueue(30);
    const groups: unknown[] = [];
    queue.sqs.middlewareStack.add(
      (next) => (args) => {
        for (const entry of (args.input as Partial<SendMessageBatchCommandInput>).Entries ?? [])
          groups.push(entry.MessageGroupId);
        return next(args);
      },
      { step: 'initialize' },
    );
    await new TaskProducer(queue, keptLog().log, UNTRACED).send([aTask('1'), { ...aTask('2'), appId: 'app_2' }]);
    expect(groups).toEqual(['app_1', 'app_2']);
    const bodies = (await lookInto(queue, queue.url)).map(({ Body }) => parseTask(Body ?? ''));
    expect(bodies).toEqual(expect.arrayContaining([{ kind: 'task', task: aTask('1') }]));
    await queue.close();
  });

  it('sends once more what SQS refused, and only that', async () => {
    const refuse = [
      { Id: '1', Code: 'Throttled' },
      { Id: '3', Code: 'Throttled' },
    ];
    const { queue, calls } = aStub((_, call) => (call === 1 ? { Failed: refuse } : {}));
    const { log, lines } = keptLog();
    const producer = new TaskProducer(queue, log, UNTRACED);
    await producer.send(tasks(5));
    await producer.flush();
    expect(calls.map(sentBy)).toEqual([namesOf(tasks(5)), ['m1', 'm3']]);
    expect(lines).toEqual([]);
  });

  it('gives up after the second refusal, with one line', async () => {
    const { queue, calls } = aStub(() => ({ Failed: [{ Id: '0', Code: 'InternalError' }] }));
    const { log, lines } = keptLog();
    const producer = new TaskProducer(queue, log, UNTRACED);
    await producer.send(tasks(3));
    await producer.flush();
    expect(calls.map(sentBy)).toEqual([namesOf(tasks(3)), ['m0']]);
    expect(lines).toMatchObject([
      {
        level: 'warn',
        msg: 'queue.tasks_not_sent',
        tasks: 1,
        failedCalls: 1,
        error: 'EntriesRefused: SQS refused them twice: InternalError',
      },
    ]);
  });

  it('never throws when the queue is away, and counts in one line', async () => {
    const { queue } = aStub(() => Promise.reject(Object.assign(new Error('no route'), { code: 'ECONNREFUSED' })));
    const { log, lines } = keptLog();
    const producer = new TaskProducer(queue, log, UNTRACED);
    await producer.send(tasks(25));
    await producer.flush();
    expect(lines).toMatchObject([
      {
        level: 'warn',
        msg: 'queue.tasks_not_sent',
        tasks: 25,
        failedCalls: 3,
        error: 'Error: no route',
        errorCode: 'ECONNREFUSED',
      },
    ]);
  });

  it('writes its line by itself, within about a second', async () => {
    const { queue } = aStub(() => Promise.reject(new Error('no route')));
    const { log, lines } = keptLog();
    await new TaskProducer(queue, log, UNTRACED).send(tasks(1));
    expect(await until(() => lines[0], 3_000, 'the line about lost tasks')).toMatchObject({
      msg: 'queue.tasks_not_sent',
      tasks: 1,
    });
  });

  it('has at most eight calls in flight, keeps 10,000 tasks, and drops more with a line', async () => {
    let release = () => {};
    const gate = new Promise<Answer>((resolve) => (release = () => resolve({})));
    const { queue, calls } = aStub(() => gate);
    const { log, lines } = keptLog();
    const producer = new TaskProducer(queue, log, UNTRACED);
    const first = producer.send(tasks(80, 'first'));
    await new Promise((turn) => setImmediate(turn));
    const more = producer.send(tasks(10_007));
    await producer.send(tasks(5, 'late'));
    await new Promise((turn) => setImmediate(turn));
    expect(calls).toHaveLength(8);
    release();
    await Promise.all([first, more]);
    await producer.flush();
    expect(calls.flatMap(sentBy)).toHaveLength(10_080);
    expect(lines).toMatchObject([{ tasks: 12, failedCalls: 0, error: 'TooManyWaiting: more than 10000 tasks are waiting' }]);
  });

  it('flushes what is in flight, and gives up what still waits when the time is over', async () => {
    let release = () => {};
    const gate = new Promise<Answer>((resolve) => (release = () => resolve({})));
    const { queue, calls } = aStub(() => gate);
    const { log, lines } = keptLog();
    const producer = new TaskProducer(queue, log, UNTRACED);
    const inFlight = producer.send(tasks(80));
    const waiting = producer.send(tasks(20, 'waiting'));
    let flushed = false;
    const flush = producer.flush(20).then(() => (flushed = true));
    await waiting;
    expect(flushed).toBe(false);
    release();
    await Promise.all([flush, inFlight]);
    expect(calls.flatMap(sentBy)).toHaveLength(80);
    expect(lines).toMatchObject([{ tasks: 20, failedCalls: 0 }]);
  });
});
