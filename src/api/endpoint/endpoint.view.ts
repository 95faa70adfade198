import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { entityTime } from '../../domain/ids.js';

/** An endpoint as the API shows it. Its secrets and headers are not among it; they have routes of their own. */
export function endpointOut(endpoint: Endpoint) {
  return { ...withoutMetadata(endpoint), metadata: endpoint.metadata };
}

/** What the lists of a message's endpoints show of one. */
export function withoutMetadata(endpoint: Endpoint) {
  const { id, url, description, uid, throttleRate, version, disabled, eventTypes, channels, updatedAt } = endpoint;
  return {
    id,
    url,
    description,
    uid,
    throttleRate,
    rateLimit: throttleRate,
    version,
    disabled,
    eventTypes,
    filterTypes: eventTypes,
    channels,
    createdAt: entityTime(id),
    updatedAt,
  };
}

export type EndpointOut = ReturnType<typeof endpointOut>;
