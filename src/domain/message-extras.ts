/** How long a payload is kept that nobody said otherwise of, in days. */
export const DEFAULT_RETENTION_DAYS = 90;

/** What few messages have; null where a message has none of it, so that the others don't pay for it. */
export interface MessageExtras {
  /** What lists of messages can be narrowed by; endpoints don't see it. */
  tags: string[] | null;
  /** Not to be delivered before, ms since 1970. */
  deliverAt: number | null;
  /** What the payload is sent as, instead of application/json. */
  contentType: string | null;
}
