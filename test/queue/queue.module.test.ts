import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { APP_CONFIG } from '../../src/config/config.js';
import { createLog, Log } from '../../src/observability/log.js';
import { Tracer, UNTRACED } from '../../src/observability/tracing.js';
import { QueueClient } from '../../src/queue/queue-client.js';
import { QueueModule } from '../../src/queue/queue.module.js';
import { TaskProducer } from '../../src/queue/task-producer.js';
import { aTask, embeddedConfig } from './embedded.js';

function surroundings(queue: object) {
  @Global()
  @Module({
    providers: [
      { provide: APP_CONFIG, useValue: { queue } },
      { provide: Log, useValue: createLog('silent') },
      { provide: Tracer, useValue: UNTRACED },
    ],
    exports: [APP_CONFIG, Log, Tracer],
  })
  class Surroundings {}
  return Surroundings;
}

describe('QueueModule', () => {
  it('opens the emulator where no queue is configured, and closes it', async () => {
    const app = await Test.createTestingModule({ imports: [surroundings(embeddedConfig), QueueModule] }).compile();
    const client = app.get(QueueClient);
    await app.get(TaskProducer).send([aTask('1')]);
    expect(await client.attributes()).toMatchObject({ waiting: 1 });
    await app.close();
    expect(() => client.sqs).toThrow('not open');
  });

  it('starts although the configured queue is away', async () => {
    const away = { ...embeddedConfig, url: 'http://127.0.0.1:1/000000000000/posthorn' };
    const app = await Test.createTestingModule({ imports: [surroundings(away), QueueModule] }).compile();
    await app.get(TaskProducer).send([aTask('1')]);
    await expect(app.get(QueueClient).attributes()).rejects.toThrow();
    await app.close();
  });
});
