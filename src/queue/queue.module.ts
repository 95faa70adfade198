import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Log } from '../observability/log.js';
import { DeadLetterQueue } from './dead-letter-queue.js';
import { QueueClient } from './queue-client.js';
import { TaskConsumer } from './task-consumer.js';
import { TaskProducer } from './task-producer.js';

/** Provides the opened queue: client, producer, consumer and dead letters. The root module provides APP_CONFIG, Log and Tracer. */
@Module({
  providers: [
    { provide: QueueClient, inject: [APP_CONFIG, Log], useFactory: openQueue },
    TaskProducer,
    TaskConsumer,
    DeadLetterQueue,
  ],
  exports: [QueueClient, TaskProducer, TaskConsumer, DeadLetterQueue],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(
    private readonly client: QueueClient,
    private readonly producer: TaskProducer,
    private readonly consumer: TaskConsumer,
  ) {}

  /** After a normal run the worker has stopped the consumer already. After a start that failed half-way it has not. */
  async onApplicationShutdown(): Promise<void> {
    await this.consumer.stop({ abort: true });
    await this.producer.flush();
    await this.client.close();
  }
}

async function openQueue(config: AppConfig, log: Log): Promise<QueueClient> {
  const client = new QueueClient(config.queue, log);
  await client.open();
  return client;
}
