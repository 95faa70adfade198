import { z } from 'zod';
import { DEFAULT_RETENTION_DAYS } from '../../domain/message-extras.js';
import { applicationIn } from '../http-support/application-in.js';
import { WRONG_SHAPE } from '../http-support/api-error.js';
import { after, before, channel, eventTypes, flag, iterator, limit, status, tag } from '../http-support/list-query.js';
import { channelName, eventTypeName, jsonObject, uid } from '../http-support/schemas.js';
import { deliverAt, extrasIn, messageTags, retentionDays, retentionHours, transformationsParams } from './message-extras.js';

/** A message as the tenant sends it. `data` is another name of `payload`; a raw payload replaces it and need not be JSON. */
export const messageIn = z
  .object({
    eventType: eventTypeName,
    payload: jsonObject.optional(),
    data: jsonObject.optional(),
    eventId: uid('msg_').nullish(),
    channels: z.array(channelName).min(1).max(5).transform(distinct).nullish(),
    tags: messageTags.nullish(),
    deliverAt: deliverAt.nullish(),
    payloadRetentionPeriod: retentionDays.nullish(),
    payloadRetentionHours: retentionHours.nullish(),
    transformationsParams: transformationsParams.nullish(),
    application: applicationIn.nullish(),
  })
  .check(({ value, issues }) => {
    const refuse = (at: string, message: string, params = {}) =>
      issues.push({ code: 'custom', path: [at], message, params, input: undefined });
    if ((value.payload === undefined) === (value.data === undefined)) {
      const message = value.payload === undefined ? 'Is missing' : 'Give either payload or data, not both';
      refuse('payload', message, { type: WRONG_SHAPE });
    }
    if (value.payloadRetentionPeriod && value.payloadRetentionHours)
      refuse('payloadRetentionHours', 'Give either payloadRetentionPeriod or payloadRetentionHours, not both');
  })
  .transform(({ payload, payloadRetentionPeriod: days, payloadRetentionHours: hours, ...given }) => ({
    eventType: given.eventType,
    eventId: given.eventId ?? null,
    channels: given.channels ?? null,
    application: given.application ?? null,
    payloadKey: payload === undefined ? ('data' as const) : ('payload' as const),
    rawPayload: given.transformationsParams?.rawPayload ?? null,
    retentionDays: days ?? (hours ? hours / 24 : DEFAULT_RETENTION_DAYS),
    extras: extrasIn(given),
  }));

/** The application in the path of a new message: an id or a uid, of which one may be made. */
export const applicationKey = z.string().regex(/^[a-zA-Z0-9\-_.]{1,256}$/, 'Must be an id or uid');

/** Whether an answer carries payloads. */
export const contentWish = z.object({ with_content: flag(true) });

/** Query of the list of messages. */
export const messageList = z.object({
  limit,
  iterator: iterator('msg_'),
  channel,
  tag,
  before,
  after,
  event_types: eventTypes,
  with_content: flag(true),
});

/** Query of the list of messages that were sent to an endpoint. */
export const endpointMessageList = messageList.extend({ status });

export type MessageIn = z.output<typeof messageIn>;
export type ContentWish = z.output<typeof contentWish>;
export type MessageList = z.output<typeof messageList>;
export type EndpointMessageList = z.output<typeof endpointMessageList>;

function distinct(names: string[]): string[] {
  return [...new Set(names)];
}
