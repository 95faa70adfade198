import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ApiModule } from './api/api.module.js';
import { BackgroundModule } from './background/background.module.js';
import { CountingModule } from './background/counting.module.js';
import { OperationalWebhooksModule } from './background/operational-webhooks.module.js';
import { RetentionModule } from './background/retention.module.js';
import { CacheInvalidation } from './cache/cache-invalidation.js';
import { CacheModule } from './cache/cache.module.js';
import { APP_CONFIG, type AppConfig } from './config/config.js';
import { ApplicationCache } from './database/engine/application-cache.js';
import { DatabaseModule } from './database/database.module.js';
import { DeliveryModule } from './delivery/delivery.module.js';
import { LocalHandOff } from './delivery/local-hand-off.js';
import { HealthModule } from './health/health.module.js';
import { HandOff, NoHandOff } from './domain/hand-off.js';
import { Log } from './observability/log.js';
import { ObservabilityModule } from './observability/observability.module.js';
import { ReleaseModule } from './release/release.module.js';

/** Provides the configuration and the log to every module. */
@Global()
@Module({})
class Core {
  static register(config: AppConfig, log: Log): DynamicModule {
    const provided = [
      { provide: APP_CONFIG, useValue: config },
      { provide: Log, useValue: log },
    ];
    return { module: Core, providers: provided, exports: provided };
  }
}

/** Provides the hand-off from ingest to the worker of this process. Without a worker in the process, deliveries go through the queue. */
@Global()
@Module({})
class HandOffModule {
  static register(config: AppConfig): DynamicModule {
    const near = config.roles.worker
      ? { provide: HandOff, useExisting: LocalHandOff }
      : { provide: HandOff, useClass: NoHandOff };
    return { module: HandOffModule, imports: config.roles.worker ? [DeliveryModule] : [], providers: [near], exports: [HandOff] };
  }
}

/** The modules of each role. */
@Module({})
export class AppModule {
  constructor(invalidation: CacheInvalidation, applications: ApplicationCache) {
    invalidation.onChange((appId) => applications.forget(appId));
  }

  static register(config: AppConfig, log: Log): DynamicModule {
    return {
      module: AppModule,
      imports: [
        Core.register(config, log),
        ObservabilityModule,
        ReleaseModule,
        DatabaseModule.register(config, log),
        CacheModule,
        HealthModule,
        HandOffModule.register(config),
        ...(config.roles.worker
          ? [DeliveryModule, BackgroundModule, RetentionModule, CountingModule, OperationalWebhooksModule]
          : []),
        ...(config.roles.api ? [ApiModule] : []),
      ],
    };
  }
}
