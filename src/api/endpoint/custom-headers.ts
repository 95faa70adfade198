import { isSensitiveHeader } from '../../domain/custom-headers.js';
import type { HeadersOut } from './endpoint-headers.schemas.js';

/** Custom headers: name to value. Names keep the letter case in which they were given. */
export type CustomHeaders = Record<string, string>;

/**
 * Applies changes; null deletes a header. Names are compared without letter case, and get the letter case of the last change. If the
 * changes contain a name twice, the last one counts.
 */
export function mergedHeaders(current: CustomHeaders, changes: Record<string, string | null>): CustomHeaders {
  const byName = new Map(Object.entries(current).map(([name, value]) => [name.toLowerCase(), { name, value }]));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) byName.delete(name.toLowerCase());
    else byName.set(name.toLowerCase(), { name, value });
  }
  return Object.fromEntries([...byName.values()].map(({ name, value }) => [name, value]));
}

/** The headers as the API shows them: of credentials only the names. */
export function toHeadersOut(headers: CustomHeaders): HeadersOut {
  const names = Object.keys(headers);
  const open = names.filter((name) => !isSensitiveHeader(name));
  return {
    headers: Object.fromEntries(open.map((name) => [name, headers[name]!])),
    sensitive: names.filter(isSensitiveHeader),
  };
}
