import { z } from 'zod';
import { WRONG_SHAPE } from './api-error.js';
import { list, record } from './bounded.js';

const METADATA_BYTES = 4096;
/** More keys do not fit into METADATA_BYTES. */
const MAX_METADATA_KEYS = METADATA_BYTES / 4;
const MAX_TEXT_LENGTH = 65_536;
const MAX_FLAGS = 1_000;
const NAME = /^[a-zA-Z0-9\-_.]+$/;
/** The last of the control characters that are refused: terminals and databases can not handle them. Tab and line feed come after it. */
const LAST_CONTROL = '\u0008';

export const DOT_SEGMENT_REFUSED = '"." and ".." are steps in a URL, and can not be the name of anything';

/** A name of letters, digits, `-`, `_` and `.`. It may be one that is not possible in a path. */
export const plainName = z.string().min(1).max(256).regex(NAME, 'Only letters, digits, "-", "_" and "." are allowed');

/**
 * A name that is possible in a path. "." and ".." are refused: clients and proxies remove these dot segments (RFC 3986, 5.2.4), even
 * percent-encoded. The request would then reach the parent of the object.
 */
export const pathName = plainName.refine((text) => !isDotSegment(text), DOT_SEGMENT_REFUSED);

/** Whether a name is a dot segment, which is not possible in a path. */
export function isDotSegment(name: string): boolean {
  return name === '.' || name === '..';
}

/** The caller's own id of an object. It can not look like an id of this server, so a path can contain either. */
export function uid(prefix: 'app_' | 'ep_' | 'msg_') {
  return pathName.refine((text) => !text.startsWith(prefix), `Must not begin with ${prefix}`);
}

/** The name of an event type. */
export const eventTypeName = pathName;

/** The name of a channel. */
export const channelName = plainName;

/** A tag of a message: any text without characters that end an item of a list. */
export const tag = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^"\\,\p{Cc}]+$/u, 'Quotes, commas, backslashes and control characters are not allowed');

/** The name of a feature flag. */
export const featureFlag = plainName;

/** A list of feature flags. */
export const featureFlags = list(featureFlag, MAX_FLAGS);

/** The name of a group of event types. */
export const groupName = plainName;

/** Refuses the key `__proto__`. zod's record would drop it silently. */
export function refuseProto(given: unknown, context: z.RefinementCtx): unknown {
  if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__'))
    context.addIssue({ code: 'custom', message: 'A key can not be called __proto__', path: ['__proto__'] });
  return given;
}

/** The caller's own metadata of an object; null means none. */
export const metadata = z
  .preprocess(refuseProto, record(z.string().max(METADATA_BYTES), z.string().max(METADATA_BYTES), MAX_METADATA_KEYS).nullable())
  .transform((given) => given ?? {})
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= METADATA_BYTES, {
    message: `Must not be longer than ${METADATA_BYTES} bytes as JSON`,
    params: { type: WRONG_SHAPE },
  });

/** A JSON object. zod's record is not used, because it would copy every key and drop `__proto__`. */
export const jsonObject = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'Must be a JSON object',
    params: { type: WRONG_SHAPE },
  })
  .meta({ type: 'object', additionalProperties: {} });

/** Messages per second. */
export const throttleRate = z.number().int().min(1).max(65_535);

/** Text for people to read. */
export const plainText = z
  .string()
  .max(MAX_TEXT_LENGTH)
  .refine((text) => !hasControls(text), 'Control characters are not allowed');

function hasControls(text: string): boolean {
  for (const character of text) if (character <= LAST_CONTROL) return true;
  return false;
}
