import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Sealer } from '../domain/sealing.js';
import type { Log } from '../observability/log.js';
import { Tracer } from '../observability/tracing.js';
import { ApiKeyRepository } from './repositories/api-key.repository.js';
import { ApplicationRepository } from './repositories/application.repository.js';
import { AttemptChartRepository } from './repositories/attempt-chart.repository.js';
import { AttemptCountRepository } from './repositories/attempt-count.repository.js';
import { AttemptRepository } from './repositories/attempt.repository.js';
import { AuditRepository } from './repositories/audit.repository.js';
import { BacklogRepository } from './repositories/backlog.repository.js';
import { BackgroundTaskRepository } from './repositories/background-task.repository.js';
import { DataKeys } from './data-keys/data-keys.js';
import { dataSourceOptions } from './data-source.js';
import { DatabaseClock } from './database-clock.js';
import { Database } from './database.js';
import { probeDatabase } from './database-probe.js';
import { DatabaseWatch } from './database-watch.js';
import { DeadLetterRepository } from './repositories/dead-letter.repository.js';
import { dialectOf } from './dialect.js';
import { DeliveryRepository } from './repositories/delivery.repository.js';
import { ApplicationCache } from './engine/application-cache.js';
import { EndpointFailureRepository } from './repositories/endpoint-failure.repository.js';
import { EndpointEvents } from './endpoint-events.js';
import { EndpointRepository } from './repositories/endpoint.repository.js';
import { EngineStore } from './engine/engine-store.js';
import { EventTypeImportRepository } from './repositories/event-type-import.repository.js';
import { EventTypeRepository } from './repositories/event-type.repository.js';
import { ManualDeliveryRepository } from './repositories/manual-delivery.repository.js';
import { MessageContentRepository } from './repositories/message-content.repository.js';
import { MessageKeyRepository } from './repositories/message-key.repository.js';
import { MessageRepository } from './repositories/message.repository.js';
import { OperationalEventRepository } from './repositories/operational-event.repository.js';
import { OrganizationUsageRepository } from './repositories/organization-usage.repository.js';
import { OrganizationRepository } from './repositories/organization.repository.js';
import { PayloadRetentionRepository } from './repositories/payload-retention.repository.js';
import { ReplayRepository } from './repositories/replay.repository.js';
import { PollerCursorRepository } from './repositories/poller-cursor.repository.js';
import { EndpointSealing } from './endpoint-sealing.js';
import { SealingMode } from './sealing-mode.js';
import { EndpointUnsealer } from './engine/endpoint-unsealer.js';
import { RunningTaskRepository } from './repositories/running-task.repository.js';
import { UnreadableEndpoints } from './engine/unreadable-endpoints.js';
import { DeletedRemoval } from './removal/deleted-removal.js';
import { RowRetentionRepository } from './repositories/row-retention.repository.js';
import { SearchRepository } from './repositories/search.repository.js';
import { SharedWorkRepository } from './repositories/shared-work.repository.js';
import { TokenRevocationRepository } from './repositories/token-revocation.repository.js';
import { Transactions } from './transactions.js';
import { UsageRepository } from './repositories/usage.repository.js';
import { WriteProbe } from './write-probe.js';
import { WriteState } from './write-state.js';

const PROVIDERS = [
  Database,
  DatabaseClock,
  Transactions,
  WriteProbe,
  WriteState,
  SealingMode,
  DataKeys,
  EndpointSealing,
  EndpointUnsealer,
  UnreadableEndpoints,
  ApplicationCache,
  EndpointFailureRepository,
  EndpointEvents,
  ApplicationRepository,
  EndpointRepository,
  EventTypeRepository,
  EventTypeImportRepository,
  MessageKeyRepository,
  MessageRepository,
  OperationalEventRepository,
  OrganizationRepository,
  OrganizationUsageRepository,
  PayloadRetentionRepository,
  PollerCursorRepository,
  AttemptRepository,
  AttemptCountRepository,
  AttemptChartRepository,
  DeliveryRepository,
  TokenRevocationRepository,
  ApiKeyRepository,
  ManualDeliveryRepository,
  BackgroundTaskRepository,
  ReplayRepository,
  UsageRepository,
  MessageContentRepository,
  DeadLetterRepository,
  RunningTaskRepository,
  AuditRepository,
  SharedWorkRepository,
  RowRetentionRepository,
  DeletedRemoval,
  SearchRepository,
  BacklogRepository,
];

/** The database, the repositories and the engine's store: everything that runs SQL. */
@Global()
@Module({
  providers: [
    ...PROVIDERS,
    { provide: Sealer, inject: [APP_CONFIG], useFactory: (config: AppConfig) => new Sealer(config.sealing.keys) },
    {
      provide: EngineStore,
      inject: [APP_CONFIG, DataSource, Transactions, DatabaseClock, DatabaseWatch, Tracer],
      useFactory: createEngineStore,
    },
  ],
  exports: [...PROVIDERS, Sealer, EngineStore],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(EngineStore) private readonly engineStore: EngineStore) {}

  static register(config: AppConfig, log: Log): DynamicModule {
    const { mysqlUrl } = config.database;
    const watch = new DatabaseWatch(async (limitMs, it) => (mysqlUrl ? probeDatabase(mysqlUrl, limitMs, it) : 'answered'), log);
    // Database connects it, not Nest: the process must start to listen even if the database can't be reached.
    const connection = TypeOrmModule.forRoot({ ...dataSourceOptions(config, undefined, watch), manualInitialization: true });
    return { module: DatabaseModule, imports: [connection], providers: [{ provide: DatabaseWatch, useValue: watch }] };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.engineStore.close();
  }
}

async function createEngineStore(
  config: AppConfig,
  dataSource: DataSource,
  transactions: Transactions,
  clock: DatabaseClock,
  watch: DatabaseWatch,
  tracer: Tracer,
): Promise<EngineStore> {
  const store = config.database.mysqlUrl ? await mysqlStore(config, watch) : await sqliteStore(dataSource, transactions, clock);
  if (!tracer.on) return store;
  const { TracedEngineStore } = await import('./engine/traced-engine-store.js');
  return new TracedEngineStore(store, tracer, dialectOf(dataSource));
}

async function mysqlStore(config: AppConfig, watch: DatabaseWatch): Promise<EngineStore> {
  const { MysqlEnginePool } = await import('./engine/mysql-pool.js');
  const { MysqlEngineStore } = await import('./engine/mysql-engine-store.js');
  return new MysqlEngineStore(new MysqlEnginePool(config, watch));
}

async function sqliteStore(dataSource: DataSource, transactions: Transactions, clock: DatabaseClock): Promise<EngineStore> {
  const { SqliteEngineStore } = await import('./engine/sqlite-engine-store.js');
  return new SqliteEngineStore(dataSource, transactions.mutex, clock);
}
