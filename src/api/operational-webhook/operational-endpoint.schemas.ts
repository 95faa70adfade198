import type { z } from 'zod';
import { endpointOut, type EndpointOut } from '../endpoint/endpoint.schemas.js';
import { listOf } from '../http-support/answers.js';

/** An operational endpoint. It has no channels, and no old names of properties. */
export const operationalEndpointOut = endpointOut
  .omit({ rateLimit: true, version: true, filterTypes: true, channels: true })
  .meta({ id: 'OperationalWebhookEndpointOut' });
export const operationalEndpointPage = listOf(operationalEndpointOut);
export type OperationalEndpointOut = z.output<typeof operationalEndpointOut>;

/** The endpoint as the API shows it. */
export function toOperationalEndpointOut(endpoint: EndpointOut): OperationalEndpointOut {
  const { rateLimit: _rateLimit, version: _version, filterTypes: _filterTypes, channels: _channels, ...out } = endpoint;
  return out;
}
