/** How long a payload is kept unless the message says otherwise, in days. */
export const DEFAULT_RETENTION_DAYS = 90;

/** Properties that few messages have. They are stored apart, so that other messages do not cost more. */
export interface MessageExtras {
  /** Lists of messages can be filtered by tags. Endpoints do not get them. */
  tags: string[] | null;
  /** The message is not delivered before this time, ms since 1970. */
  deliverAt: number | null;
  /** The payload's content type if it is not application/json. */
  contentType: string | null;
}
