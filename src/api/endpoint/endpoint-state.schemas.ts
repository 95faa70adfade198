import { z } from 'zod';
import { disabledBecause, type Endpoint } from '../../database/entities/endpoint.entity.js';
import { time } from '../http-support/answers.js';

/** What an endpoint's own representation does not tell, because it is the one of the Svix API. */
export const endpointStateOut = z
  .object({
    disabledSince: time
      .nullable()
      .describe('Since when the endpoint is disabled. Null if it is not, or if an earlier release disabled it.'),
    disabledBecause: z
      .enum(disabledBecause)
      .nullable()
      .describe(
        '`gone`: it answered 410. `failing`: nothing but failures for too long. `request`: somebody disabled it. Null as above.',
      ),
    failingSince: time.nullable().describe('When the first message was given up after the last delivery. Null if none was.'),
    previousSecretsUntil: time
      .nullable()
      .describe('Until when messages are signed with an earlier secret too. Null if the current secret alone signs.'),
  })
  .meta({ id: 'EndpointStateOut' });

export type EndpointStateOut = z.output<typeof endpointStateOut>;

/** The state of the endpoint at a time in ms since 1970. */
export function toEndpointState(endpoint: Endpoint, nowMs: number): EndpointStateOut {
  const { disabled, disabledAt, disabledBecause, failingSince, secrets } = endpoint;
  const isKnown = disabled && disabledAt !== null && disabledBecause !== null;
  const until = Math.max(...secrets.map(({ expiresAt }) => expiresAt ?? 0));
  return {
    disabledSince: isKnown ? disabledAt : null,
    disabledBecause: isKnown ? disabledBecause : null,
    failingSince,
    previousSecretsUntil: until > nowMs ? new Date(until) : null,
  };
}
