import { z } from 'zod';
import { WRONG_SHAPE } from './api-error.js';

const METADATA_BYTES = 4096;
const NAME = /^[a-zA-Z0-9\-_.]+$/;
/** Characters up to this one are control characters that terminals and databases choke on; tabs and line ends come after it. */
const LAST_CONTROL = '\u0008';

export const STEP = '"." and ".." are steps in a URL, and can not be the name of anything';

/** A name of the usual characters, which need not do for a path. */
export const plainName = z.string().min(1).max(256).regex(NAME, 'Only letters, digits, "-", "_" and "." are allowed');

/**
 * A name that can stand in a path. "." and ".." can't: clients and proxies take them for a step to the same or the next higher level
 * (RFC 3986, 5.2.4), percent-encoded or not, and what was meant for the thing would happen to what it belongs to.
 */
export const pathName = plainName.refine((text) => !isStep(text), STEP);

/** Whether a name can't stand in a path because it says where to go. */
export function isStep(name: string): boolean {
  return name === '.' || name === '..';
}

/** A caller's own name for a thing. It can't look like an id of that kind, so that a path tells which of the two it names. */
export function uid(prefix: 'app_' | 'ep_' | 'msg_') {
  return pathName.refine((text) => !text.startsWith(prefix), `Must not begin with ${prefix}`);
}

/** Name of an event type. */
export const eventTypeName = pathName;

/** Name of a channel. */
export const channelName = plainName;

/** What a message is marked with for lists: free text, but for what would end a name inside a list. */
export const tag = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^"\\,\p{Cc}]+$/u, 'Quotes, commas, backslashes and control characters are not allowed');

/** Name of a feature flag. */
export const featureFlag = plainName;

/** Name of a group of event types. */
export const groupName = plainName;

/** For what is copied into a record, which leaves out a key `__proto__` and says nothing: it says so. */
export function refuseProto(given: unknown, context: z.RefinementCtx): unknown {
  if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__'))
    context.addIssue({ code: 'custom', message: 'A key can not be called __proto__', path: ['__proto__'] });
  return given;
}

/** What a caller hangs on a thing for itself; null counts as none. */
export const metadata = z
  .preprocess(refuseProto, z.record(z.string(), z.string()).nullable())
  .transform((given) => given ?? {})
  .refine((given) => Buffer.byteLength(JSON.stringify(given)) <= METADATA_BYTES, {
    message: `Must not be longer than ${METADATA_BYTES} bytes as JSON`,
    params: { type: WRONG_SHAPE },
  });

/** Not a record: that would copy it key by key, and leave out a key `__proto__`. */
export const jsonObject = z
  .custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'Must be a JSON object',
    params: { type: WRONG_SHAPE },
  })
  .meta({ type: 'object', additionalProperties: {} });

/** Messages per second. */
export const throttleRate = z.number().int().min(1).max(65_535);

/** Text for people. */
export const plainText = z.string().refine((text) => !hasControls(text), 'Control characters are not allowed');

function hasControls(text: string): boolean {
  for (const character of text) if (character <= LAST_CONTROL) return true;
  return false;
}
