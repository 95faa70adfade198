import type { Descriptions, Json } from '../description.js';

const types = '/api/v1/event-type';

export const eventTypeDescriptions: Descriptions = {
  [`GET ${types}`]: {
    id: 'v1.event-type.list',
    tag: 'Event Type',
    summary: 'List event types',
    text: 'By name. An application sees those without feature flags, and those of whose flags its token carries one.',
    answers: { 200: 'ListResponse_EventTypeOut_' },
  },
  [`POST ${types}`]: {
    id: 'v1.event-type.create',
    tag: 'Event Type',
    summary: 'Create an event type',
    text:
      'An archived one of the same name is revived. With `featureFlags` (`featureFlag` is the older form, for one) it is shown only to ' +
      'applications whose token carries one of them. `groupName` says what it belongs to.',
    body: 'EventTypeIn',
    answers: { 201: 'EventTypeOut' },
  },
  [`POST ${types}/import/openapi`]: {
    id: 'v1.event-type.import-openapi',
    tag: 'Event Type',
    summary: 'Make event types of the webhooks of an OpenAPI document',
    text:
      'The document parsed as `spec`, or its text as `specRaw`, JSON or YAML. `x-svix-feature-flags` and `x-svix-group-name` of a webhook ' +
      'are those of its event type; where they are left out, those of an event type that is there stay. With `dryRun` nothing is ' +
      'changed: the answer says what would be.',
    body: 'EventTypeImportOpenApiIn',
    answers: { 200: 'EventTypeImportOpenApiOut' },
  },
  [`GET ${types}/{event_type_name}`]: {
    id: 'v1.event-type.get',
    tag: 'Event Type',
    summary: 'Get an event type',
    answers: { 200: 'EventTypeOut' },
  },
  [`PUT ${types}/{event_type_name}`]: {
    id: 'v1.event-type.update',
    tag: 'Event Type',
    summary: 'Replace an event type, or create it',
    body: 'EventTypeUpdate',
    answers: { 200: 'EventTypeOut', 201: 'EventTypeOut' },
  },
  [`PATCH ${types}/{event_type_name}`]: {
    id: 'v1.event-type.patch',
    tag: 'Event Type',
    summary: 'Change some properties of an event type',
    body: 'EventTypePatch',
    answers: { 200: 'EventTypeOut' },
  },
  [`DELETE ${types}/{event_type_name}`]: {
    id: 'v1.event-type.delete',
    tag: 'Event Type',
    summary: 'Archive an event type, or remove it',
  },
};

const auth = '/api/v1/auth';

export const authenticationDescriptions: Descriptions = {
  [`POST ${auth}/app-portal-access/{app_id}`]: {
    id: 'v1.authentication.app-portal-access',
    tag: 'Authentication',
    summary: 'Get a token for one application',
    text:
      'To be given to your customer. `capabilities` says what it may do, `expiry` for how long. `sessionId` lets it be expired ' +
      'together with others, `featureFlags` shows it the event types that carry one of them.',
    body: 'AppPortalAccessIn',
    answers: { 200: 'AppPortalAccessOut' },
  },
  [`POST ${auth}/dashboard-access/{app_id}`]: {
    id: 'v1.authentication.dashboard-access',
    tag: 'Authentication',
    summary: 'Get a token for one application (old name)',
    answers: { 200: 'AppPortalAccessOut' },
  },
  [`POST ${auth}/app/{app_id}/expire-all`]: {
    id: 'v1.authentication.expire-all',
    tag: 'Authentication',
    summary: 'Expire all tokens of an application',
    text: 'Those that were issued until now: at once, or in `expiry` seconds; only those of `sessionIds` if there are any.',
    body: 'ApplicationTokenExpireIn',
  },
  [`POST ${auth}/logout`]: {
    id: 'v1.authentication.logout',
    tag: 'Authentication',
    summary: 'End the token that this is called with',
    text: "Only an application's token can be ended so.",
  },
};

const words = (...names: string[]): Json => ({ type: 'string', enum: names });

export const operationDescriptions: Descriptions = {
  'POST /api/v1/environment/export': {
    id: 'v1.environment.export',
    tag: 'Environment',
    summary: 'Export the event types as one document',
    answers: { 200: 'EnvironmentOut' },
  },
  'POST /api/v1/environment/import': {
    id: 'v1.environment.import',
    tag: 'Environment',
    summary: 'Import what was exported',
    text: 'Event types are added and changed; none is deleted.',
    body: 'EnvironmentIn',
  },
  'GET /api/v1/background-task': {
    id: 'v1.background-task.list',
    tag: 'Background Task',
    summary: 'List background tasks',
    answers: { 200: 'ListResponse_BackgroundTaskOut_' },
    query: { status: words('running', 'finished', 'failed') },
  },
  'GET /api/v1/background-task/{task_id}': {
    id: 'v1.background-task.get',
    tag: 'Background Task',
    summary: 'Get a background task, and how far it is',
    answers: { 200: 'BackgroundTaskOut' },
  },
  'POST /api/v1/stats/usage/app': {
    id: 'v1.statistics.aggregate-app-stats',
    tag: 'Statistics',
    summary: 'Count messages by application',
    text: 'In the background; the figures are the data of the finished task.',
    body: 'AppUsageStatsIn',
    answers: { 202: 'AppUsageStatsOut' },
  },
  'PUT /api/v1/stats/usage/event-types': {
    id: 'v1.statistics.aggregate-event-types',
    tag: 'Statistics',
    summary: 'List the event types that applications ask for',
    text: 'In the background; the figures are the data of the finished task.',
    answers: { 202: 'AggregateEventTypesOut' },
  },
  'GET /api/v1/admin/dead-letter': {
    id: 'v1.admin.dead-letter.list',
    tag: 'Dead Letters',
    summary: 'List what was given up, and why',
    answers: { 200: 'ListResponse_DeadLetterOut_' },
  },
  'POST /api/v1/admin/dead-letter/{id}/redrive': {
    id: 'v1.admin.dead-letter.redrive',
    tag: 'Dead Letters',
    summary: 'Try one of them again',
    text: 'A delivery to a disabled endpoint is a 409, with the code `endpoint_disabled`.',
  },
  'POST /api/v1/admin/redrive-dlq': {
    id: 'v1.admin.redrive-dlq',
    tag: 'Dead Letters',
    summary: 'Try all of them again',
    text: 'Those to disabled endpoints stay where they are.',
  },
  'GET /api/v1/health': {
    id: 'v1.health.get',
    tag: 'Health',
    summary: 'Whether the database, the queue and the cache are well',
    answers: { 200: 'HealthOut', 500: 'HealthOut' },
  },
  'GET /api/v1/health/ping': { id: 'v1.health.ping', tag: 'Health', summary: 'Whether the service answers at all' },
  'GET /api/v1/openapi.json': {
    id: 'v1.openapi.get',
    tag: 'Health',
    summary: 'This document',
    answers: { 200: 'OpenApiDocument' },
  },
};
