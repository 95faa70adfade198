import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { inSteps } from '../../async/steps.js';
import type { Message } from '../../database/entities/message.entity.js';
import { entityTime } from '../../domain/ids.js';
import { isJsonObjectInSteps } from '../../domain/json-steps.js';
import { StepSize, type Stepwise } from '../../domain/stepwise.js';
import { names, time } from './answers.js';
import { JsonText } from './json-text.js';

/** Shown instead of a payload that was deleted or whose retention period is over. */
const EXPIRED = { expired: true } as const;

/** A payload that is not a JSON object: its text, or base64 if its bytes are not UTF-8. */
export interface RawPayload {
  rawPayload: string;
  encoding?: 'base64';
  /** Absent for application/json. */
  contentType?: string;
}

/** The payload of a message in an answer: its source text, if that is a JSON object. */
export type PayloadOut = JsonText | RawPayload | { expired?: true };

/** What the document says of lists that contain payloads. */
export const SHORTER =
  'With content, a page ends before its payloads exceed 4 MiB: it may have fewer messages than `limit`, with `done` false.';

/** What the document says of lists with filters. */
export const SEARCHED =
  'With a filter that matches little, a page ends after 5,000 items were searched: it may have few items or none, with `done` false. With ' +
  '`after` alone, both iterators of such a page lead to newer items.';

const payload = z
  .custom<PayloadOut>()
  .meta({ type: 'object', additionalProperties: {} })
  .describe(
    'The source text of the payload, if that is a JSON object. Any other raw payload is shown as `{"rawPayload": "<text>"}`, with its ' +
      '`contentType` if that is not application/json, and in base64 with `"encoding": "base64"` if it is not UTF-8. `{}` if the request ' +
      'asked for no content, `{"expired": true}` if the payload was deleted or its retention period is over.',
  );

/** A message. `tags` and `deliverAt` are left out if it has none. */
export const messageOut = z
  .object({
    id: z.string(),
    eventType: z.string(),
    eventId: z.string().nullable(),
    channels: names,
    payload,
    timestamp: time,
    tags: z.array(z.string()).optional(),
    deliverAt: time.optional(),
  })
  .meta({ id: 'MessageOut' });
export type MessageOut = z.output<typeof messageOut>;

/** The message as the API shows it. Without content its payload is `{}`. */
export async function toMessageOut(message: Message, withContent: boolean): Promise<MessageOut> {
  return inSteps(messageOutInSteps(message, withContent));
}

/** The same for several. */
export async function toMessagesOut(messages: readonly Message[], withContent: boolean): Promise<MessageOut[]> {
  return inSteps(messagesOutInSteps(messages, withContent));
}

function* messagesOutInSteps(messages: readonly Message[], withContent: boolean): Stepwise<MessageOut[]> {
  const shown: MessageOut[] = [];
  const size = new StepSize();
  for (const message of messages) {
    if (withContent && size.isFull(message.payload?.length)) yield;
    shown.push(yield* messageOutInSteps(message, withContent));
  }
  return shown;
}

function* messageOutInSteps(message: Message, withContent: boolean): Stepwise<MessageOut> {
  const { id, eventType, eventId, channels } = message;
  const payload = withContent ? yield* payloadOf(message) : {};
  return { id, eventType, eventId, channels, payload, timestamp: entityTime(id), ...toExtrasOut(message) };
}

/** The tags and the scheduled time of a message, if it has them. */
export function toExtrasOut({ tags, deliverAt }: Pick<Message, 'tags' | 'deliverAt'>): Pick<MessageOut, 'tags' | 'deliverAt'> {
  return { ...(tags && { tags }), ...(deliverAt && { deliverAt }) };
}

/** The payload as the API shows it. SQLite answers text if text was written into the column. */
export function* toPayloadOut(source: Buffer | string, contentType: string | null): Stepwise<JsonText | RawPayload> {
  const type = contentType === null ? {} : { contentType };
  if (typeof source !== 'string' && !isUtf8(source))
    return { rawPayload: source.toString('base64'), encoding: 'base64', ...type };
  const text = source.toString();
  return (yield* isJsonObjectInSteps(text)) ? new JsonText(text) : { rawPayload: text, ...type };
}

/** What a payload that is shown is: its own members may have the names of what stands for one that is none. */
export function kindOf(payload: PayloadOut): 'json' | 'raw' | 'expired' {
  if (payload instanceof JsonText) return 'json';
  return payload === EXPIRED ? 'expired' : 'raw';
}

/** Whether the payload can still be sent. */
export function hasPayload(message: Message): message is Message & { payload: Buffer } {
  return message.payload !== null && message.payloadUntil.getTime() > Date.now();
}

function* payloadOf(message: Message): Stepwise<PayloadOut> {
  return hasPayload(message) ? yield* toPayloadOut(message.payload, message.contentType) : EXPIRED;
}
