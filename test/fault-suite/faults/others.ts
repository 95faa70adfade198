import { PurgeQueueCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { connect } from 'node:net';
import type { Mood } from '../load/receivers.js';
import { always, chosen, withServers, type FaultKind, type Scene } from './kind.js';

const MOODS: Mood[] = ['hang', 'reset', 'garble', 'error'];

const GARBLED = [
  '',
  '{',
  'null',
  '[]',
  '{"v":1}',
  '{"v":1,"app":"app_1","d":[["msg_1"]]}',
  '{"v":0,"app":7,"d":{}}',
  '\u{1F4EF}'.repeat(50),
];

/** Faults of Redis, of the queue, and of the customers' servers. */
export const OTHER_FAULTS: FaultKind[] = [
  {
    name: 'Redis killed, its data gone',
    hits: 'cache',
    lasts: [1_000, 9_000],
    red: true,
    impossible: withServers,
    async begin({ world }) {
      await world.servers.redis.kill();
      return { target: 'Redis', end: () => world.servers.redis.restart() };
    },
  },
  {
    name: 'Redis frozen',
    hits: 'cache',
    lasts: [2_000, 9_000],
    red: true,
    impossible: withServers,
    async begin({ world }) {
      world.servers.redis.freeze();
      return { target: 'Redis', end: async () => world.servers.redis.thaw() };
    },
  },
  {
    name: 'Redis flushed',
    hits: 'cache',
    lasts: [100, 200],
    impossible: withServers,
    async begin({ world }) {
      await redisCommand(world.servers.redis.port, 'FLUSHALL');
      return { target: 'Redis', end: async () => {} };
    },
  },
  {
    name: 'queue killed, all tasks lost',
    hits: 'queue',
    lasts: [1_000, 9_000],
    red: true,
    impossible: withServers,
    async begin({ world }) {
      await world.servers.sqs.kill();
      return { target: 'SQS emulator', end: () => world.servers.sqs.restart() };
    },
  },
  {
    name: 'queue frozen',
    hits: 'queue',
    lasts: [2_000, 9_000],
    red: true,
    impossible: withServers,
    async begin({ world }) {
      world.servers.sqs.freeze();
      return { target: 'SQS emulator', end: async () => world.servers.sqs.thaw() };
    },
  },
  {
    name: 'queue purged',
    hits: 'tasks',
    lasts: [100, 200],
    impossible: withServers,
    async begin({ world }) {
      const { sqs, queueUrl } = world.shared!;
      await sqs.send(new PurgeQueueCommand({ QueueUrl: queueUrl })).catch(() => {});
      return { target: 'all tasks', end: async () => {} };
    },
  },
  {
    name: 'tasks doubled',
    hits: 'tasks',
    lasts: [100, 200],
    impossible: withServers,
    async begin(scene, draw) {
      const bodies = scene
        .recent(100)
        .flatMap(({ app, msg, ep }, at) =>
          [0, 1, (at + Math.floor(draw * 5)) % 5].map((fence) => JSON.stringify({ v: 1, app, d: [[msg, ep, fence]] })),
        );
      await sendTasks(scene, [...bodies, ...bodies]);
      return { target: `${bodies.length * 2} tasks`, end: async () => {} };
    },
  },
  {
    name: 'tasks garbled or of a later version',
    hits: 'tasks',
    lasts: [100, 200],
    impossible: withServers,
    async begin(scene) {
      const later = scene.recent(5).map(({ app, msg, ep }) => JSON.stringify({ v: 99, app, d: [[msg, ep, 0]] }));
      const bodies = [...GARBLED.filter((body) => body !== ''), ...later];
      await sendTasks(scene, bodies);
      return { target: `${bodies.length} tasks`, end: async () => {} };
    },
  },
  {
    name: 'hostile receivers',
    hits: 'receivers',
    lasts: [2_000, 6_000],
    impossible: always,
    async begin({ receivers }, draw) {
      const mood = chosen(MOODS, draw);
      receivers.mood = mood;
      return {
        target: `all but the good ones ${mood}`,
        async end() {
          receivers.mood = null;
        },
      };
    },
  },
];

async function sendTasks({ world }: Scene, bodies: readonly string[]): Promise<void> {
  const { sqs, queueUrl } = world.shared!;
  for (let at = 0; at < bodies.length; at += 10) {
    const Entries = bodies.slice(at, at + 10).map((MessageBody, id) => ({ Id: String(id), MessageBody }));
    // Beside another fault the queue may be away: then it gets none.
    await sqs
      .send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }), { abortSignal: AbortSignal.timeout(2_000) })
      .catch(() => {});
  }
}

function redisCommand(port: number, command: string): Promise<void> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 }, () => socket.write(`${command}\r\n`));
    for (const event of ['data', 'timeout', 'error'])
      socket.once(event, () => {
        socket.destroy();
        done();
      });
  });
}
