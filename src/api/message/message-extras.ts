import { z } from 'zod';
import { isJsonObjectText, isTooDeep, TOO_DEEP } from '../../domain/json-depth.js';
import type { MessageExtras } from '../../domain/message-extras.js';
import { tag } from '../http-support/schemas.js';

const MAX_TAGS = 20;
const MAX_DELAY_AHEAD_MS = 24 * 3_600_000;
/** Clocks differ, and a request takes its time: what should have gone out this recently goes out now. */
const STALE_MS = 5 * 60_000;
const MAX_CONTENT_TYPE_LENGTH = 256;
const MEDIA_TYPE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+\/[!#$%&'*+\-.^_`|~0-9A-Za-z]+[\x20-\x7e]*$/;

/** What lists can be narrowed by. */
export const messageTags = z
  .array(tag)
  .max(MAX_TAGS)
  .transform((tags) => [...new Set(tags)]);

/** How long the payload is kept: in days, or in hours up to as many. */
export const retentionDays = z.number().int().min(5).max(90);
export const retentionHours = z
  .number()
  .int()
  .min(1)
  .max(90 * 24);

/** When to deliver, at most a day ahead. */
export const deliverAt = z.iso
  .datetime({ offset: true, error: 'Must be a time with its offset, like 2026-01-02T03:04:05Z' })
  .transform((text) => Date.parse(text))
  .superRefine((at, context) => {
    const aheadMs = at - Date.now();
    if (aheadMs < -STALE_MS) context.addIssue({ code: 'custom', message: 'Must not lie in the past' });
    if (aheadMs > MAX_DELAY_AHEAD_MS)
      context.addIssue({ code: 'custom', message: 'Must not lie more than 24 hours in the future' });
  });

/** Of the headers only the content type means anything here, in any letter case. */
const contentType = z
  .record(z.string(), z.unknown())
  .transform((headers) => Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? null)
  .pipe(z.string().max(MAX_CONTENT_TYPE_LENGTH).regex(MEDIA_TYPE, 'The content type must look like text/plain').nullable());

/** It goes out as UTF-8, which has no half of a surrogate pair. Where it is a JSON object it is shown as one. */
const rawPayload = z
  .string()
  .refine((text) => text.isWellFormed(), 'Must not hold half of a surrogate pair')
  .refine((text) => !isTooDeep(Buffer.from(text)) || !isJsonObjectText(text), TOO_DEEP);

/** How the body differs from the payload. Other keys are for transformations, which there are none of. */
export const transformationsParams = z.object({ rawPayload: rawPayload.nullish(), headers: contentType.nullish() });

/** Null if a message has none of it. */
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
