import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, it } from '@jest/globals';
import mysql from 'mysql2/promise';
import { startChild } from './child.js';
import { ownQueues } from './parts.js';
import { startMariaDb, startSqs, type Service } from './services.js';
import { until } from './until.js';

describe('the servers of the tests', () => {
  let service: Service | undefined;
  afterEach(() => service?.stop());

  const query = async (sql: string, limitMs = 5_000) => {
    const connection = await mysql.createConnection({ uri: service!.url, connectTimeout: limitMs });
    return connection.query({ sql, timeout: limitMs }).finally(() => connection.destroy());
  };

  it('MariaDB keeps what was committed through a kill, and answers nothing while frozen', async () => {
    service = await startMariaDb();
    await query('CREATE DATABASE kept');
    await query('CREATE TABLE kept.row (id INT PRIMARY KEY)');
    await query('INSERT INTO kept.row VALUES (42)');

    await service.kill();
    await expect(query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await service.restart();
    expect(await query('SELECT id FROM kept.row')).toMatchObject([[{ id: 42 }], expect.anything()]);

    service.freeze();
    await expect(query('SELECT 1', 300)).rejects.toThrow();
    service.thaw();
    expect(await query('SELECT 1 AS one')).toMatchObject([[{ one: 1 }], expect.anything()]);
  });

  it('the SQS emulator has its queues again after a restart, but not their messages', async () => {
    service = await startSqs();
    const { SQS_QUEUE_URL: queueUrl } = await ownQueues(service.url, 'lossy');
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const client = new SQSClient({ endpoint: service.url, region: 'us-east-1', credentials, useQueueUrlAsEndpoint: false });
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'lost' }));

    await service.restart();
    expect((await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages ?? []).toEqual([]);
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'kept' }));
    expect((await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages).toMatchObject([{ Body: 'kept' }]);
    client.destroy();
  });
});

describe('a process that tests start', () => {
  it('ends with the one that started it, even when both are killed or frozen', async () => {
    const script = `
      const { startChild } = await import('${import.meta.dirname}/child.ts');
      const child = startChild('sleep', ['1000'], { PATH: process.env.PATH });
      child.send('SIGSTOP');
      console.log(child.pid);`;
    const typescript = join(import.meta.dirname, '../../bench/typescript.mjs');
    const parent = spawn(process.execPath, ['--import', typescript, '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];

    parent.kill('SIGKILL');
    const isGone = () =>
      !execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).match(new RegExp(`^ *${Number(pid)} +[^Z]`, 'm'));
    expect(await until(isGone, 5_000, 'the child to be gone')).toBe(true);
  });

  it('says why it did not start', async () => {
    const child = startChild('/no/such/program', [], {});

    expect(await child.exited).toEqual({ code: 127, signal: null });
    expect(child.lines.join()).toContain('ENOENT');
  });
});
