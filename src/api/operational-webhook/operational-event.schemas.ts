import { z } from 'zod';
import type { OperationalEventType } from '../../domain/operational-event.js';

const time = z.iso.datetime();
const application = { appId: z.string(), appUid: z.string().nullish() };
const endpointData = z.object({ ...application, endpointId: z.string(), endpointUid: z.string().nullish() });
const disabledData = endpointData.extend({ failSince: time });
const unreadableData = endpointData.extend({ reason: z.string() });
const lastAttempt = z
  .object({ id: z.string(), responseStatusCode: z.number().int(), timestamp: time })
  .meta({ id: 'MessageAttempetLast' });
const attemptData = z.object({
  ...application,
  msgId: z.string(),
  msgEventId: z.string().nullish(),
  endpointId: z.string(),
  lastAttempt,
});

/** An event as the document shows it. */
export interface DocumentedEvent {
  /** The name that generated clients use. */
  name: string;
  summary: string;
  body: z.ZodType;
}

/** The operational webhooks by the type of their event. */
export const OPERATIONAL_EVENTS: Record<OperationalEventType, DocumentedEvent> = {
  'endpoint.created': eventOf('endpoint.created', 'EndpointCreated', 'An endpoint was created', endpointData),
  'endpoint.updated': eventOf(
    'endpoint.updated',
    'EndpointUpdated',
    'An endpoint was changed, or its secret rotated',
    endpointData,
  ),
  'endpoint.deleted': eventOf('endpoint.deleted', 'EndpointDeleted', 'An endpoint was deleted', endpointData),
  'endpoint.disabled': eventOf(
    'endpoint.disabled',
    'EndpointDisabled',
    'An endpoint was disabled because it kept failing, or said that it is gone',
    disabledData,
  ),
  'endpoint.unreadable': eventOf(
    'endpoint.unreadable',
    'EndpointUnreadable',
    'The secret or the headers of an endpoint can not be opened',
    unreadableData,
  ),
  'message.attempt.failing': eventOf(
    'message.attempt.failing',
    'MessageAttemptFailing',
    'A message failed several times and is still retried',
    attemptData,
  ),
  'message.attempt.exhausted': eventOf(
    'message.attempt.exhausted',
    'MessageAttemptExhausted',
    'All attempts of a message failed',
    attemptData,
  ),
  'message.attempt.recovered': eventOf(
    'message.attempt.recovered',
    'MessageAttemptRecovered',
    'A message was delivered after it had failed several times',
    attemptData,
  ),
};

function eventOf(type: OperationalEventType, name: string, summary: string, data: z.ZodType): DocumentedEvent {
  const body = z.object({ type: z.enum([type]), data: data.meta({ id: `${name}EventData` }) });
  return { name, summary, body: body.meta({ id: `${name}Event` }) };
}
