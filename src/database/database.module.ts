import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Sealer } from '../domain/sealing.js';
import { Tracer } from '../observability/tracing.js';
import { ApplicationRepository } from './application.repository.js';
import { AttemptRepository } from './attempt.repository.js';
import { BackgroundTaskRepository } from './background-task.repository.js';
import { dataSourceOptions } from './data-source.js';
import { DatabaseClock } from './database-clock.js';
import { Database } from './database.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { dialectOf } from './dialect.js';
import { DeliveryRepository } from './delivery.repository.js';
import { Directory } from './directory.js';
import { EndpointClock } from './endpoint-clock.js';
import { EndpointEvents } from './endpoint-events.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EngineStore } from './engine-store.js';
import { EventTypeImportRepository } from './event-type-import.repository.js';
import { EventTypeRepository } from './event-type.repository.js';
import { ManualDeliveryRepository } from './manual-delivery.repository.js';
import { MessageContentRepository } from './message-content.repository.js';
import { MessageKeyRepository } from './message-key.repository.js';
import { MessageRepository } from './message.repository.js';
import { OperationalEventRepository } from './operational-event.repository.js';
import { PayloadRetentionRepository } from './payload-retention.repository.js';
import { ReplayRepository } from './replay.repository.js';
import { PollerCursorRepository } from './poller-cursor.repository.js';
import { Targets } from './targets.js';
import { TokenRevocationRepository } from './token-revocation.repository.js';
import { Transactions } from './transactions.js';
import { UsageRepository } from './usage.repository.js';

const PROVIDERS = [
  Database,
  DatabaseClock,
  Transactions,
  Targets,
  Directory,
  EndpointClock,
  EndpointEvents,
  ApplicationRepository,
  EndpointRepository,
  EventTypeRepository,
  EventTypeImportRepository,
  MessageKeyRepository,
  MessageRepository,
  OperationalEventRepository,
  PayloadRetentionRepository,
  PollerCursorRepository,
  AttemptRepository,
  DeliveryRepository,
  TokenRevocationRepository,
  ManualDeliveryRepository,
  BackgroundTaskRepository,
  ReplayRepository,
  UsageRepository,
  MessageContentRepository,
  DeadLetterRepository,
];

/** The database and everything that speaks SQL. */
@Global()
@Module({
  providers: [
    ...PROVIDERS,
    { provide: Sealer, inject: [APP_CONFIG], useFactory: (config: AppConfig) => new Sealer(config.sealing.keys) },
    { provide: EngineStore, inject: [APP_CONFIG, DataSource, Transactions, Tracer], useFactory: createEngineStore },
  ],
  exports: [...PROVIDERS, Sealer, EngineStore],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(EngineStore) private readonly engineStore: EngineStore) {}

  static register(config: AppConfig): DynamicModule {
    // Connected by Database, not by Nest: a database that is away must not keep the process from listening.
    const connection = TypeOrmModule.forRoot({ ...dataSourceOptions(config), manualInitialization: true });
    return { module: DatabaseModule, imports: [connection] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engineStore.close();
  }
}

async function createEngineStore(
  config: AppConfig,
  dataSource: DataSource,
  transactions: Transactions,
  tracer: Tracer,
): Promise<EngineStore> {
  const store = await plainEngineStore(config, dataSource, transactions);
  if (!tracer.on) return store;
  const { TracedEngineStore } = await import('./traced-engine-store.js');
  return new TracedEngineStore(store, tracer, dialectOf(dataSource));
}

async function plainEngineStore(config: AppConfig, dataSource: DataSource, transactions: Transactions): Promise<EngineStore> {
  if (config.database.mysqlUrl) {
    const { MysqlEnginePool } = await import('./mysql-pool.js');
    const { MysqlEngineStore } = await import('./mysql-engine-store.js');
    return new MysqlEngineStore(new MysqlEnginePool(config));
  }
  const { SqliteEngineStore } = await import('./sqlite-engine-store.js');
  return new SqliteEngineStore(dataSource, transactions.mutex);
}
