import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { endpointOut } from '../endpoint/endpoint.view.js';

/** An endpoint for operational webhooks as the API shows it: one without channels, and without names of former times. */
export function operationalEndpointOut(endpoint: Endpoint) {
  const { id, url, description, uid, throttleRate, disabled, eventTypes, metadata, createdAt, updatedAt } = endpointOut(endpoint);
  return { id, url, description, uid, throttleRate, disabled, eventTypes, metadata, createdAt, updatedAt };
}

export type OperationalEndpointOut = ReturnType<typeof operationalEndpointOut>;
