import { Global, Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { Sealer } from '../domain/sealing.js';
import { ApplicationRepository } from './application.repository.js';
import { AttemptRepository } from './attempt.repository.js';
import { dataSourceOptions } from './data-source.js';
import { Database } from './database.js';
import { DeliveryRepository } from './delivery.repository.js';
import { Directory } from './directory.js';
import { EndpointClock } from './endpoint-clock.js';
import { EndpointRepository } from './endpoint.repository.js';
import { EngineStore } from './engine-store.js';
import { EventTypeRepository } from './event-type.repository.js';
import { ManualDeliveryRepository } from './manual-delivery.repository.js';
import { MessageRepository } from './message.repository.js';
import { Targets } from './targets.js';
import { Transactions } from './transactions.js';

const PROVIDERS = [
  Database,
  Transactions,
  Targets,
  Directory,
  EndpointClock,
  ApplicationRepository,
  EndpointRepository,
  EventTypeRepository,
  MessageRepository,
  AttemptRepository,
  DeliveryRepository,
  ManualDeliveryRepository,
];

/** The database and everything that speaks SQL. */
@Global()
@Module({
  providers: [
    ...PROVIDERS,
    { provide: Sealer, inject: [APP_CONFIG], useFactory: (config: AppConfig) => new Sealer(config.sealing.keys) },
    { provide: EngineStore, inject: [APP_CONFIG, DataSource, Transactions], useFactory: createEngineStore },
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

async function createEngineStore(config: AppConfig, dataSource: DataSource, transactions: Transactions): Promise<EngineStore> {
  if (config.database.mysqlUrl) {
    const { MysqlEnginePool } = await import('./mysql-pool.js');
    const { MysqlEngineStore } = await import('./mysql-engine-store.js');
    return new MysqlEngineStore(new MysqlEnginePool(config));
  }
  const { SqliteEngineStore } = await import('./sqlite-engine-store.js');
  return new SqliteEngineStore(dataSource, transactions.mutex);
}
