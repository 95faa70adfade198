import { sqlTime } from './dialect.js';
import type { NewMessageRow } from './engine/engine-store.js';

/** Values of the columns tags, deliver_at and content_type. Most messages have none of them. */
export function extrasOf({ extras }: NewMessageRow): [tags: string | null, deliverAt: string | null, contentType: string | null] {
  if (!extras) return [null, null, null];
  const { tags, deliverAt, contentType } = extras;
  return [tags && JSON.stringify(tags), deliverAt === null ? null : sqlTime(deliverAt), contentType];
}
