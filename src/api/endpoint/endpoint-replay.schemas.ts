import { z } from 'zod';
import { taskStartedOut } from '../http-support/background-task-out.js';
import { list } from '../http-support/bounded.js';
import { MAX_EVENT_TYPES, moment } from '../http-support/list-query.js';
import { channelName, eventTypeName, tag } from '../http-support/schemas.js';

const RECOVERED_MS = 14 * 24 * 3_600_000;
const SLACK_MS = 5 * 60_000;

const span = { since: moment, until: moment.nullish() };

interface Given {
  since: Date;
  until?: Date | null | undefined;
}

/** The start must not be after a given end. A start in the future is accepted, because the caller's clock may differ; it finds nothing. */
const inOrder: z.core.CheckFn<Given> = ({ value, issues }) => {
  if (value.until && value.since > value.until)
    issues.push({ code: 'custom', path: ['since'], message: 'Must not be after until', input: undefined });
};

const recent: z.core.CheckFn<Given> = ({ value, issues }) => {
  const until = value.until?.getTime() ?? Date.now();
  if (value.since.getTime() < until - RECOVERED_MS - SLACK_MS)
    issues.push({ code: 'custom', path: ['since'], message: 'Must not be more than 14 days before until', input: undefined });
};

/** The time range of the failures to resend. */
export const recoverIn = z.object(span).check(inOrder).check(recent).meta({ id: 'RecoverIn' });

/** The time range of the messages to send. */
export const replayIn = z.object(span).check(inOrder).meta({ id: 'ReplayIn' });

/** The time range and the filter of the messages to resend. */
export const bulkReplayIn = z
  .object({
    ...span,
    eventTypes: list(eventTypeName, MAX_EVENT_TYPES).nullish(),
    channel: channelName.nullish(),
    tag: tag.nullish(),
    status: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)]).nullish(),
    statusCodeClass: z
      .union([z.literal(0), z.literal(100), z.literal(200), z.literal(300), z.literal(400), z.literal(500)])
      .nullish(),
  })
  .check(inOrder)
  .meta({ id: 'BulkReplayIn' })
  .transform((given) => ({
    since: given.since,
    until: given.until,
    eventTypes: given.eventTypes && given.eventTypes.length > 0 ? given.eventTypes : null,
    channel: given.channel ?? null,
    tag: given.tag ?? null,
    status: given.status ?? null,
    statusCodeClass: given.statusCodeClass ?? null,
  }));

/** The task that was started. The document has a name for it for each operation. */
export const recoverOut = taskStartedOut.meta({ id: 'RecoverOut' });
export const replayOut = taskStartedOut.meta({ id: 'ReplayOut' });

export type RecoverIn = z.output<typeof recoverIn>;
export type ReplayIn = z.output<typeof replayIn>;
export type BulkReplayIn = z.output<typeof bulkReplayIn>;
