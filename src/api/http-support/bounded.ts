import { z } from 'zod';
import { MAX_PROBLEMS } from './api-error.js';

/** The contract's limit on bodies: 2 MiB. */
export const BODY_LIMIT_BYTES = 2_097_152;
/** A thousand messages in one call need more. */
const BATCH_LIMIT_BYTES = 8 * BODY_LIMIT_BYTES;
/** Size limit of a request's headers, with the request line. So no text in a query can be longer. */
export const HEADER_LIMIT_BYTES = 16_384;

/** No time needs more characters, however many digits its seconds have. */
export const MAX_TIME_LENGTH = 64;

/** A text in a query, before it is parsed. */
export const queryText = z.string().max(HEADER_LIMIT_BYTES);

/** The limit on the body of a route; parameters in its path are written `{name}` or `:name`. */
export function bodyLimitOf(path: string): number {
  return /^\/api\/v1\/app\/[^/]+\/msg\/batch$/.test(path) ? BATCH_LIMIT_BYTES : BODY_LIMIT_BYTES;
}

/** A list of at most `max` items. A longer one is refused before its items are checked. */
export function list<Item extends z.ZodType>(item: Item, max: number, min = 0) {
  const items = min > 0 ? z.array(item).min(min).max(max) : z.array(item).max(max);
  return z.preprocess((given, context) => {
    if (!Array.isArray(given)) return given;
    if (given.length > max) return refused(context, `Must not have more than ${max} items, this list has ${given.length}`);
    return hasManyFaults(given.entries(), given.length, item, context) ? z.NEVER : given;
  }, items);
}

/**
 * The same for a list that can be long, and whose items take time. They are only counted here; the handler checks them in steps, with
 * `checkedItems`.
 *
 * @param name the name of the items' schema in the document
 */
export function listCheckedLater(name: string, max: number) {
  const items = { $ref: `#/components/schemas/${name}` };
  return z.preprocess((given, context) => {
    if (!Array.isArray(given) || given.length <= max) return given;
    return refused(context, `Must not have more than ${max} items, this list has ${given.length}`);
  }, z.array(z.unknown()).max(max).meta({ items }));
}

/** An object whose keys the caller chooses, at most `max` of them. A larger one is refused before its values are checked. */
export function record<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(key: Key, value: Value, max: number) {
  return z.preprocess(
    (given, context) => {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
      const entries = Object.entries(given);
      if (entries.length > max) return refused(context, `Must not have more than ${max} keys, this object has ${entries.length}`);
      return hasManyFaults(entries, entries.length, value, context) ? z.NEVER : given;
    },
    z.record(key, value).meta({ maxProperties: max }),
  );
}

function refused(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/**
 * Whether the parts of a list or record have too many faults to be checked further. Those are added. A short list is not checked here:
 * it can't have many.
 */
function hasManyFaults(
  parts: Iterable<readonly [string | number, unknown]>,
  count: number,
  rule: z.ZodType,
  context: z.RefinementCtx,
): boolean {
  if (count <= MAX_PROBLEMS) return false;
  const faults: z.core.$ZodIssue[] = [];
  for (const [at, part] of parts) {
    const { error } = rule.safeParse(part);
    if (error) faults.push(...error.issues.map((issue) => ({ ...issue, path: [at, ...issue.path] })));
    if (faults.length >= MAX_PROBLEMS) break;
  }
  if (faults.length < MAX_PROBLEMS) return false;
  for (const fault of faults) context.addIssue({ ...fault });
  return true;
}
