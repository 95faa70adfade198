import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CacheModule } from '../cache/cache.module.js';
import { IngestModule } from '../ingest/ingest.module.js';
import { ApplicationController } from './application/application.controller.js';
import { ApplicationService } from './application/application.service.js';
import { AttemptLists } from './attempt/attempt-lists.js';
import { AttemptController } from './attempt/attempt.controller.js';
import { MessageAttemptController } from './attempt/message-attempt.controller.js';
import { ApplicationAccess } from './auth/application-access.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { Tokens } from './auth/tokens.js';
import { DestinationController } from './endpoint/destination.controller.js';
import { EndpointHeadersController } from './endpoint/endpoint-headers.controller.js';
import { EndpointHeaders } from './endpoint/endpoint-headers.js';
import { EndpointSecretController } from './endpoint/endpoint-secret.controller.js';
import { EndpointSecrets } from './endpoint/endpoint-secrets.js';
import { EndpointController } from './endpoint/endpoint.controller.js';
import { EndpointService } from './endpoint/endpoint.service.js';
import { EventTypeController } from './event-type/event-type.controller.js';
import { ContractPipe } from './http-support/contract.pipe.js';
import { ErrorFilter } from './http-support/error.filter.js';
import { IdempotencyInterceptor } from './http-support/idempotency.interceptor.js';
import { Idempotency } from './http-support/idempotency.js';
import { EndpointMessageController } from './message/endpoint-message.controller.js';
import { MessageCreation } from './message/message-creation.js';
import { MessageController } from './message/message.controller.js';

/** The HTTP API. */
@Module({
  imports: [IngestModule, CacheModule],
  controllers: [
    AuthController,
    ApplicationController,
    EndpointController,
    EndpointSecretController,
    EndpointHeadersController,
    EventTypeController,
    MessageController,
    EndpointMessageController,
    DestinationController,
    AttemptController,
    MessageAttemptController,
  ],
  providers: [
    Tokens,
    ApplicationAccess,
    ApplicationService,
    EndpointService,
    EndpointSecrets,
    EndpointHeaders,
    MessageCreation,
    AttemptLists,
    Idempotency,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_PIPE, useClass: ContractPipe },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class ApiModule {}
