import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Log } from '../observability/log.js';
import { DeadLetterQueue } from './dead-letter-queue.js';
import { QueueClient } from './queue-client.js';
import { TaskConsumer } from './task-consumer.js';
import { TaskProducer } from './task-producer.js';

/** Provides the queue, opened: its client, the producer and the consumer. Needs APP_CONFIG and Log from around it. */
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

  /** The worker has stopped the consumer by now; this is for a start that failed half-way. */
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
