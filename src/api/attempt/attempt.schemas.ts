import { z } from 'zod';
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

/** Query of the list of attempts to an endpoint. */
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

/** Query of the list of attempts of a message: as well to one endpoint only, by id or uid. */
export const messageAttemptList = attemptList.extend({ endpoint_id: z.string().nullable().default(null) });

export type AttemptList = z.output<typeof attemptList>;
export type MessageAttemptList = z.output<typeof messageAttemptList>;
