import { z } from 'zod';
import { time } from './common.js';

const application = { appId: z.string(), appUid: z.string().nullish() };
const endpointData = z.object({ ...application, endpointId: z.string(), endpointUid: z.string().nullish() });
const disabledData = endpointData.extend({ failSince: time });
const lastAttempt = z.object({ id: z.string(), responseStatusCode: z.number().int(), timestamp: time });
const attemptData = z.object({
  ...application,
  msgId: z.string(),
  msgEventId: z.string().nullish(),
  endpointId: z.string(),
  lastAttempt,
});

/** The service's own webhooks: type of the event → its name in the document, and what its data are. */
export const EVENTS: Record<string, { name: string; summary: string; data: z.ZodType }> = {
  'endpoint.created': { name: 'EndpointCreated', summary: 'An endpoint was created', data: endpointData },
  'endpoint.updated': { name: 'EndpointUpdated', summary: 'An endpoint was changed', data: endpointData },
  'endpoint.deleted': { name: 'EndpointDeleted', summary: 'An endpoint was deleted', data: endpointData },
  'endpoint.disabled': { name: 'EndpointDisabled', summary: 'An endpoint that kept failing was disabled', data: disabledData },
  'message.attempt.failing': { name: 'MessageAttemptFailing', summary: 'A message keeps failing', data: attemptData },
  'message.attempt.exhausted': {
    name: 'MessageAttemptExhausted',
    summary: 'The last attempt of a message failed',
    data: attemptData,
  },
  'message.attempt.recovered': {
    name: 'MessageAttemptRecovered',
    summary: 'A message arrived after failing for a while',
    data: attemptData,
  },
};

/** What operational webhooks carry, by the name in the document. */
export const eventModels: Record<string, z.ZodType> = { MessageAttempetLast: lastAttempt };
for (const [type, { name, data }] of Object.entries(EVENTS)) {
  // A schema of its own each, or one would be a reference to another's name.
  const own = data.meta({});
  eventModels[`${name}EventData`] = own;
  eventModels[`${name}Event`] = z.object({ type: z.enum([type]), data: own });
}
