import { z } from 'zod';
import { isJsonObjectText, isTooDeep, TOO_DEEP } from '../../domain/json-depth.js';
import type { MessageExtras } from '../../domain/message-extras.js';
import { BODY_LIMIT_BYTES, list, MAX_TIME_LENGTH, record } from '../http-support/bounded.js';
import { tag } from '../http-support/schemas.js';

const MAX_TAGS = 20;
const MAX_DELAY_AHEAD_MS = 24 * 3_600_000;
/** A time that is at most this long ago is accepted, because clocks differ and requests take time. The message is sent at once. */
const STALE_MS = 5 * 60_000;
const MAX_CONTENT_TYPE_LENGTH = 256;
const MAX_HEADERS = 1_000;
const MAX_HEADER_NAME_LENGTH = 1_024;
const MEDIA_TYPE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[\x20-\x7e]*$/;

/** The tags of a message; lists can be filtered by them. */
export const messageTags = list(tag, MAX_TAGS).transform((tags) => [...new Set(tags)]);

/** The retention period of the payload, in days or in hours. */
export const retentionDays = z.number().int().min(5).max(90);
export const retentionHours = z
  .number()
  .int()
  .min(1)
  .max(90 * 24);

/** When to deliver the message: at most 24 hours in the future. */
export const deliverAt = z.iso
  .datetime({ offset: true, error: 'Must be a time with its offset, like 2026-01-02T03:04:05Z' })
  .max(MAX_TIME_LENGTH)
  .transform((text) => Date.parse(text))
  .superRefine((at, context) => {
    const aheadMs = at - Date.now();
    if (aheadMs < -STALE_MS) context.addIssue({ code: 'custom', message: 'Must not lie in the past' });
    if (aheadMs > MAX_DELAY_AHEAD_MS)
      context.addIssue({ code: 'custom', message: 'Must not lie more than 24 hours in the future' });
  });

/** Only the content type of the headers is used. Its name may have any letter case. */
const contentType = record(z.string().max(MAX_HEADER_NAME_LENGTH), z.unknown(), MAX_HEADERS)
  .transform((headers) => Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? null)
  .pipe(z.string().max(MAX_CONTENT_TYPE_LENGTH).regex(MEDIA_TYPE, 'The content type must look like text/plain').nullable());

/** It is sent as UTF-8, so it must be well-formed. If it is a JSON object, the limit on nesting holds. */
const rawPayload = z
  .string()
  .max(BODY_LIMIT_BYTES)
  .refine((text) => text.isWellFormed(), 'Must be well-formed Unicode, without half of a surrogate pair')
  .refine((text) => !isTooDeep(Buffer.from(text)) || !isJsonObjectText(text), TOO_DEEP);

/** A raw payload and its content type. Other keys are for transformations, which this server does not have. */
export const transformationsParams = z.object({ rawPayload: rawPayload.nullish(), headers: contentType.nullish() });

/** Tags, scheduled time and content type of a message; null if it has none of them. */
export function extrasIn(given: {
  tags?: string[] | null | undefined;
  deliverAt?: number | null | undefined;
  transformationsParams?: z.output<typeof transformationsParams> | null | undefined;
}): MessageExtras | null {
  const tags = given.tags?.length ? given.tags : null;
  const at = given.deliverAt ?? null;
  const type = given.transformationsParams?.headers ?? null;
  return tags === null && at === null && type === null ? null : { tags, deliverAt: at, contentType: type };
}
