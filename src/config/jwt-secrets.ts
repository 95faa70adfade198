/** The shortest JWT secret in production. */
const MIN_CHARS = 32;

/** What JWT_SECRET says. */
export interface JwtSecrets {
  /** The secrets in the order in which they are written. The first signs. Never empty. */
  list: readonly string[];
  /** All texts that a token may be signed with. */
  verifying: readonly string[];
}

/**
 * Reads JWT_SECRET: one secret, or a comma-separated list. `\,` is a comma inside a secret. Null if the list is empty.
 *
 * A value without a comma is one secret, unchanged. In a list, a token may be signed with a secret as it is written, or without the white
 * space around it: "a, b" is a usual way to write a list, and a secret from a file may end with a line break. A value that contains a
 * comma may be one secret from the time before lists, so the whole value verifies too.
 */
export function parseJwtSecrets(text: string): JwtSecrets | null {
  if (!text.includes(',')) return { list: [text], verifying: [text] };
  const list = text
    .split(/(?<!\\),/)
    .map((secret) => secret.replaceAll('\\,', ','))
    .filter((secret) => secret.trim() !== '');
  if (list.length === 0) return null;
  return { list, verifying: [...new Set([...list, ...list.map((secret) => secret.trim()), text])] };
}

/** One sentence for each secret that is too short for production. It names the place in the list, never the secret. */
export function tooShort({ list }: JwtSecrets): string[] {
  if (list.length === 1)
    return list[0]!.length < MIN_CHARS ? [`JWT_SECRET is too short for production: use at least ${MIN_CHARS} characters.`] : [];
  return list.flatMap((secret, index) =>
    secret.trim().length < MIN_CHARS
      ? [
          `JWT_SECRET is a list of ${list.length} secrets, and number ${index + 1} is too short for production: use at least ${MIN_CHARS} characters for each. If the comma is part of a secret, write \\, for it.`,
        ]
      : [],
  );
}
