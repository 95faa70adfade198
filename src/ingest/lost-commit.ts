import type { EngineStore, Group, GroupResult, NewMessageRow } from '../database/engine/engine-store.js';
import { isAway, isDuplicateKey } from '../database/errors.js';

/**
 * Finds out what became of a group whose transaction ended with `error`. When the connection breaks during the COMMIT, the group may be
 * committed nevertheless.
 *
 * Throws `error` if nothing was written, or if that cannot be found out. In the second case rows may exist: they come due when their
 * lease or grace ends.
 */
export async function resultAfterError(store: EngineStore, group: Group, error: unknown): Promise<GroupResult> {
  const [first, ...others] = group.messages;
  // Another request with the same idempotency key has written this message, under the same id.
  if (isDuplicateKey(error) && others.length === 0 && (await store.hasMessage(first!.appId, first!.id)))
    return { kind: 'committed', eventIdTaken: new Set(), keyTaken: new Map([[first!.id, first!.id]]) };
  if (!isAway(error)) throw error;
  return resultOfLostCommit(store, group.messages, error);
}

/**
 * A message without an eventId and without a key is in the database exactly if its group was committed. Any other message may be missing
 * from a committed group, because its eventId or its key was taken. If it exists, the group was committed.
 */
async function resultOfLostCommit(store: EngineStore, messages: readonly NewMessageRow[], error: unknown): Promise<GroupResult> {
  const unique = (message: NewMessageRow) => message.eventId !== null || Boolean(message.key);
  const witness = messages.find((message) => !unique(message));
  // If the question fails too, it stays undecided, which only the first error says.
  const has = ({ appId, id }: NewMessageRow) => store.hasMessage(appId, id).catch(() => Promise.reject(error as Error));
  if (witness && !(await has(witness))) throw error;
  const others = messages.filter(unique);
  const exists = await Promise.all(others.map(has));
  if (!witness && !exists.includes(true)) throw error;
  const missing = others.filter((_, at) => !exists[at]);
  // Which message has the key is not known here. The client learns it when it repeats its request.
  const keyTaken = missing.filter((message) => message.key).map(({ id }) => [id, id] as const);
  return { kind: 'committed', eventIdTaken: new Set(missing.map(({ id }) => id)), keyTaken: new Map(keyTaken) };
}
