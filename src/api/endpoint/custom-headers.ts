import { isSensitiveHeader } from '../../domain/custom-headers.js';
import type { HeadersOut } from './endpoint-headers.schemas.js';

/** Custom headers: name, in the letter case its owner wrote, to value. */
export type CustomHeaders = Record<string, string>;

/**
 * Applies changes (null deletes). A name is the same in every letter case, and takes the case of the last change.
 * Of two spellings of a name within the changes the later one counts.
 */
export function mergedHeaders(current: CustomHeaders, changes: Record<string, string | null>): CustomHeaders {
  const byName = new Map(Object.entries(current).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) byName.delete(name.toLowerCase());
    else byName.set(name.toLowerCase(), { name, value });
  }
  return Object.fromEntries([...byName.values()].map(({ name, value }) => [name, value]));
}

/** What a reader gets to see: of credentials only the names. */
export function shownHeaders(headers: CustomHeaders): HeadersOut {
  const names = Object.keys(headers);
  const open = names.filter((name) => !isSensitiveHeader(name));
  return {
    headers: Object.fromEntries(open.map((name) => [name, headers[name]!])),
    sensitive: names.filter(isSensitiveHeader),
  };
}
