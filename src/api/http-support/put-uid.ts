import { InvalidInput, notFound } from './api-error.js';
import { uid } from './schemas.js';

type Prefix = 'app_' | 'ep_';

/**
 * The uid of a thing after a PUT: what the body says, and null says that it has none any more. Where the body says nothing, a thing
 * that was addressed by its uid keeps it, so that repeating the request changes nothing; one that was addressed by its id loses it,
 * like all else that a PUT leaves out.
 */
export function uidAfterPut(prefix: Prefix, key: string, given: string | null | undefined): string | null {
  if (given !== undefined) return given;
  return key.startsWith(prefix) ? null : key;
}

/**
 * The uid of a thing that a PUT makes because nothing has this id or uid. Throws where repeating the request would make another each
 * time: 422 if the path can't be a uid, 404 if the body says that the thing shall not have the uid that the path calls it by.
 */
export function uidOfPutNew(prefix: Prefix, key: string, given: string | null | undefined): string | null {
  if (key.startsWith(prefix)) return given ?? null;
  const legal = uid(prefix).safeParse(key);
  if (!legal.success) {
    const loc = ['path', `${prefix === 'app_' ? 'app' : 'endpoint'}_id`];
    throw new InvalidInput(legal.error.issues.map(({ message }) => ({ loc, msg: message, type: 'value_error' })));
  }
  if (given === null) throw notFound('Nothing has this uid. To make something under it, leave "uid" out of the body');
  return given ?? key;
}
