import { InvalidInput, notFound } from './api-error.js';
import { uid } from './schemas.js';

type Prefix = 'app_' | 'ep_';

/**
 * The uid of an object after a PUT. The uid in the body counts; null removes it. Without a uid in the body, an object that the path
 * names by its uid keeps it, so that repeating the request changes nothing. An object that the path names by its id loses its uid,
 * like every property that a PUT leaves out.
 */
export function uidAfterPut(prefix: Prefix, key: string, given: string | null | undefined): string | null {
  if (given !== undefined) return given;
  return key.startsWith(prefix) ? null : key;
}

/**
 * The uid of an object that a PUT creates, because no object has the id or uid in the path. Throws if each repetition of the request
 * would create another object: 422 if the path is not a valid uid, 404 if the body sets the uid to null.
 */
export function uidOfPutNew(prefix: Prefix, key: string, given: string | null | undefined): string | null {
  if (key.startsWith(prefix)) return given ?? null;
  const legal = uid(prefix).safeParse(key);
  if (!legal.success) {
    const loc = ['path', `${prefix === 'app_' ? 'app' : 'endpoint'}_id`];
    throw new InvalidInput(legal.error.issues.map(({ message }) => ({ loc, msg: message, type: 'value_error' })));
  }
  if (given === null) throw notFound('Nothing has this uid. To create it, leave "uid" out of the body');
  return given ?? key;
}
