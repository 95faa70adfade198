import { z } from 'zod';
import { listOf, messageStatus, messageStatusText, metadata, payload, time, triggerType } from './common.js';

const names = z.array(z.string()).nullable();
const rate = z.number().int().nullable();

const application = z.object({
  id: z.string(),
  name: z.string(),
  uid: z.string().optional(),
  throttleRate: rate,
  rateLimit: z.number().int().optional(),
  metadata,
  createdAt: time,
  updatedAt: time,
});

const endpointAtMessage = {
  id: z.string(),
  url: z.string(),
  description: z.string(),
  uid: z.string().nullable(),
  throttleRate: rate,
  rateLimit: rate,
  version: z.number().int(),
  disabled: z.boolean(),
  eventTypes: names,
  filterTypes: names,
  channels: names,
  createdAt: time,
  updatedAt: time,
};

const endpoint = z.object({ ...endpointAtMessage, metadata });
const operationalEndpoint = endpoint.omit({ rateLimit: true, version: true, filterTypes: true, channels: true });
const standing = { status: messageStatus, statusText: messageStatusText };
const messageEndpoint = z.object({ ...endpointAtMessage, ...standing, nextAttempt: time.nullable() });

const message = z.object({
  id: z.string(),
  eventType: z.string(),
  eventId: z.string().nullable(),
  channels: names,
  payload,
  timestamp: time,
  tags: z.array(z.string()).optional(),
  deliverAt: time.optional(),
});
const endpointMessage = message.extend({ ...standing, nextAttempt: time.optional() });

const attempt = z.object({
  id: z.string(),
  msgId: z.string(),
  endpointId: z.string(),
  url: z.string(),
  ...standing,
  triggerType,
  response: z.string(),
  responseStatusCode: z.number().int(),
  responseDurationMs: z.number().int(),
  timestamp: time,
});
const attemptWithMessage = attempt.extend({ msg: message.optional() });

const eventType = z.object({
  name: z.string(),
  description: z.string(),
  archived: z.boolean(),
  deprecated: z.boolean(),
  schemas: z.record(z.string(), z.unknown()).nullable(),
  featureFlag: z.string().nullable(),
  featureFlags: z.array(z.string()).nullable(),
  groupName: z.string().nullable(),
  createdAt: time,
  updatedAt: time,
});

/** What the API answers of its resources, by the name in the document. */
export const resourceModels: Record<string, z.ZodType> = {
  ApplicationOut: application,
  ListResponse_ApplicationOut_: listOf(application),
  EndpointOut: endpoint,
  ListResponse_EndpointOut_: listOf(endpoint),
  EndpointSecretOut: z.object({ key: z.string() }),
  EndpointHeadersOut: z.object({ headers: z.record(z.string(), z.string()), sensitive: z.array(z.string()) }),
  EndpointStats: z.object({
    success: z.number().int(),
    pending: z.number().int(),
    sending: z.number().int(),
    fail: z.number().int(),
    canceled: z.number().int(),
  }),
  EndpointStatsRange: z.object({ since: time.nullish(), until: time.nullish() }),
  MessageOut: message,
  ListResponse_MessageOut_: listOf(message),
  EndpointMessageOut: endpointMessage,
  ListResponse_EndpointMessageOut_: listOf(endpointMessage),
  MessageEndpointOut: messageEndpoint,
  ListResponse_MessageEndpointOut_: listOf(messageEndpoint),
  MessageAttemptOut: attemptWithMessage,
  ListResponse_MessageAttemptOut_: listOf(attemptWithMessage),
  EventTypeOut: eventType,
  ListResponse_EventTypeOut_: listOf(eventType),
  EventTypeImportOpenApiOut: z.object({
    data: z.object({ modified: z.array(z.string()), to_modify: z.array(z.record(z.string(), z.unknown())).optional() }),
  }),
  EnvironmentOut: z.object({
    version: z.number().int(),
    createdAt: time,
    eventTypes: z.array(eventType),
    settings: z.null(),
    connectors: z.array(z.unknown()),
  }),
  OperationalWebhookEndpointOut: operationalEndpoint,
  ListResponse_OperationalWebhookEndpointOut_: listOf(operationalEndpoint),
  PollingEndpointOut: z.object({
    data: z.array(message.extend({ headers: z.record(z.string(), z.string()).optional() })),
    iterator: z.string(),
    done: z.boolean(),
  }),
  PollingEndpointConsumerSeekOut: z.object({ iterator: z.string() }),
  AppPortalAccessOut: z.object({ url: z.string(), token: z.string() }),
};
