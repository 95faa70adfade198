import { z } from 'zod';
import { AttemptStatus, type Attempt } from '../../database/entities/attempt.entity.js';
import { maskedUrl } from '../../domain/url-password.js';
import { entityTime } from '../../domain/ids.js';
import { listOf, time } from '../http-support/answers.js';
import {
  after,
  before,
  channel,
  eventTypes,
  flag,
  iterator,
  limit,
  status,
  statusCodeClass,
  tag,
} from '../http-support/list-query.js';
import { messageOut } from '../http-support/message-out.js';
import { statusOut, toStatusOut } from '../http-support/message-status.js';

/** The stored trigger type of manual attempts. */
const MANUAL = 1;
/** The longest uid. */
const MAX_KEY_LENGTH = 256;

/** Query parameters of the list of attempts at an endpoint. */
export const attemptList = z.object({
  limit,
  iterator: iterator('atmpt_'),
  status,
  status_code_class: statusCodeClass,
  channel,
  tag,
  before,
  after,
  event_types: eventTypes,
  with_content: flag(true),
  with_msg: flag(false),
});

/** Query parameters of the list of attempts of a message. `endpoint_id` (id or uid) limits it to one endpoint. */
export const messageAttemptList = attemptList.extend({ endpoint_id: z.string().max(MAX_KEY_LENGTH).nullable().default(null) });

export type AttemptList = z.output<typeof attemptList>;
export type MessageAttemptList = z.output<typeof messageAttemptList>;

/** 0 for an automatic attempt, 1 for a manual one. */
const triggerType = z.literal([0, 1]).meta({ id: 'MessageAttemptTriggerType' });

/** An attempt. `msg` is its message, if the request asked for it. */
export const attemptOut = z
  .object({
    id: z.string(),
    msgId: z.string(),
    endpointId: z.string(),
    url: z.string(),
    ...statusOut,
    triggerType,
    response: z.string(),
    responseStatusCode: z.number().int(),
    responseDurationMs: z.number().int(),
    timestamp: time,
    msg: messageOut.optional(),
  })
  .meta({ id: 'MessageAttemptOut' });
export const attemptPage = listOf(attemptOut);
export type AttemptOut = z.output<typeof attemptOut>;

/** The attempt as the API shows it. Without content its response is `{}`. */
export function toAttemptOut(attempt: Attempt, withContent: boolean): AttemptOut {
  const { id, msgId, endpointId, url, status, response, statusCode, durationMs } = attempt;
  return {
    id,
    msgId,
    endpointId,
    // An older release wrote it with its password.
    url: maskedUrl(url),
    ...toStatusOut(status === AttemptStatus.success ? 'success' : 'fail'),
    triggerType: attempt.triggerType === MANUAL ? 1 : 0,
    response: withContent ? response : '{}',
    responseStatusCode: statusCode,
    responseDurationMs: durationMs,
    timestamp: entityTime(id),
  };
}
