import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { CacheModule } from '../cache/cache.module.js';
import { IngestModule } from '../ingest/ingest.module.js';
import { LimitsModule } from '../limits/limits.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { ApplicationController } from './application/application.controller.js';
import { ApplicationService } from './application/application.service.js';
import { AttemptLists } from './attempt/attempt-lists.js';
import { AttemptController } from './attempt/attempt.controller.js';
import { MessageAttemptController } from './attempt/message-attempt.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditGuard } from './audit/audit.guard.js';
import { AuditLog } from './audit/audit-log.js';
import { ApiKeyUse } from './auth/api-key-use.js';
import { ApiKeys } from './auth/api-keys.js';
import { ApiTokenController } from './auth/api-token.controller.js';
import { ApplicationAccess } from './auth/application-access.js';
import { AuthController } from './auth/auth.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { PublicKeys } from './auth/public-keys.js';
import { Callers } from './auth/callers.js';
import { Revocations } from './auth/revocations.js';
import { RouteCatalog } from './auth/route-catalog.js';
import { Tokens } from './auth/tokens.js';
import { BackgroundTaskController } from './background-task/background-task.controller.js';
import { BacklogController } from './backlog/backlog.controller.js';
import { DeadLetterController } from './dead-letter/dead-letter.controller.js';
import { DeadLetterService } from './dead-letter/dead-letter.service.js';
import { DocsController } from './docs/docs.controller.js';
import { DestinationController } from './endpoint/destination.controller.js';
import { EndpointExampleController } from './endpoint/endpoint-example.controller.js';
import { EndpointHeadersController } from './endpoint/endpoint-headers.controller.js';
import { EndpointLimits } from './endpoint/endpoint-limits.js';
import { EndpointHeaders } from './endpoint/endpoint-headers.js';
import { EndpointReplayController } from './endpoint/endpoint-replay.controller.js';
import { EndpointSecretController } from './endpoint/endpoint-secret.controller.js';
import { EndpointSecrets } from './endpoint/endpoint-secrets.js';
import { EndpointStateController } from './endpoint/endpoint-state.controller.js';
import { EndpointController } from './endpoint/endpoint.controller.js';
import { EndpointAnswers } from './endpoint/endpoint-answers.js';
import { EndpointService } from './endpoint/endpoint.service.js';
import { EnvironmentController } from './environment/environment.controller.js';
import { EventTypeImportController } from './event-type/event-type-import.controller.js';
import { EventTypeImport } from './event-type/event-type-import.js';
import { EventTypeController } from './event-type/event-type.controller.js';
import { ApiDocument } from './http-support/api-document.js';
import { ContractPipe } from './http-support/contract.pipe.js';
import { ErrorFilter } from './http-support/error.filter.js';
import { Idempotency } from './http-support/idempotency.js';
import { EndpointMessageController } from './message/endpoint-message.controller.js';
import { MessageBatchController } from './message/message-batch.controller.js';
import { MessageBatch } from './message/message-batch.js';
import { MessageContentController } from './message/message-content.controller.js';
import { MessageCreation } from './message/message-creation.js';
import { MessagePrecheckController } from './message/message-precheck.controller.js';
import { MessageController } from './message/message.controller.js';
import { OpenApiController } from './openapi/openapi.controller.js';
import { OpenApiDocument } from './openapi/openapi-document.js';
import { OperationalApplication } from './operational-webhook/operational-application.js';
import { OperationalEndpointHeadersController } from './operational-webhook/operational-endpoint-headers.controller.js';
import { OperationalEndpointSecretController } from './operational-webhook/operational-endpoint-secret.controller.js';
import { OperationalEndpointController } from './operational-webhook/operational-endpoint.controller.js';
import { OrganizationController } from './limits/organization.controller.js';
import { OrganizationLimitsController } from './limits/organization-limits.controller.js';
import { UsageController } from './limits/usage.controller.js';
import { MessageStream } from './poller/message-stream.js';
import { POLLER_TIMING, defaultPollerTiming } from './poller/poller-timing.js';
import { PollerController } from './poller/poller.controller.js';
import { Poller } from './poller/poller.js';
import { PortalController } from './portal/portal.controller.js';
import { RunningTaskController } from './running-task/running-task.controller.js';
import { AppAttemptStatsController, AttemptStatsController } from './statistics/attempt-stats.controller.js';
import { AttemptStats } from './statistics/attempt-stats.js';
import { EndpointStatsController } from './statistics/endpoint-stats.controller.js';
import { SearchController } from './search/search.controller.js';
import { StatisticsController } from './statistics/statistics.controller.js';
import { UnsupportedController } from './unsupported/unsupported.controller.js';

/** The HTTP API. Within a tag, the OpenAPI document shows operations in the order of these controllers. */
@Module({
  imports: [IngestModule, QueueModule, CacheModule, LimitsModule, DiscoveryModule],
  controllers: [
    DocsController,
    PortalController,
    OpenApiController,
    AuthController,
    ApiTokenController,
    ApplicationController,
    EndpointController,
    EndpointSecretController,
    EndpointHeadersController,
    EndpointExampleController,
    EndpointStateController,
    EndpointStatsController,
    EndpointReplayController,
    EventTypeController,
    EventTypeImportController,
    EnvironmentController,
    MessageController,
    MessageBatchController,
    MessagePrecheckController,
    MessageContentController,
    AttemptController,
    EndpointMessageController,
    DestinationController,
    MessageAttemptController,
    BackgroundTaskController,
    PollerController,
    StatisticsController,
    AppAttemptStatsController,
    AttemptStatsController,
    UsageController,
    OrganizationController,
    OrganizationLimitsController,
    OperationalEndpointController,
    OperationalEndpointSecretController,
    OperationalEndpointHeadersController,
    DeadLetterController,
    RunningTaskController,
    BacklogController,
    AuditController,
    SearchController,
    UnsupportedController,
  ],
  providers: [
    Tokens,
    PublicKeys,
    Revocations,
    ApiKeys,
    ApiKeyUse,
    Callers,
    RouteCatalog,
    { provide: ApiDocument, useClass: OpenApiDocument },
    ApplicationAccess,
    ApplicationService,
    EndpointAnswers,
    EndpointService,
    EndpointSecrets,
    EndpointHeaders,
    EndpointLimits,
    MessageCreation,
    MessageBatch,
    EventTypeImport,
    OperationalApplication,
    Poller,
    MessageStream,
    { provide: POLLER_TIMING, useFactory: defaultPollerTiming },
    AttemptLists,
    AttemptStats,
    DeadLetterService,
    Idempotency,
    AuditLog,
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_GUARD, useClass: AuditGuard },
    { provide: APP_PIPE, useClass: ContractPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
  ],
})
export class ApiModule {}
