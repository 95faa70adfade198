import type { Limits } from '../../config/limit-variables.js';
import { isSensitiveHeader } from '../../domain/custom-headers.js';
import { invalid } from '../http-support/api-error.js';
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

/** Throws InvalidInput if the headers are too many or too long, and more or longer than those that the endpoint has already. */
export function assertHeaderLimits(currentOf: () => CustomHeaders, next: CustomHeaders, limits: Limits): void {
  const { maxHeadersPerEndpoint: max, maxHeaderBytesPerEndpoint: maxBytes } = limits;
  const after = sizeOf(next);
  if (after.count <= max && after.bytes <= maxBytes) return;
  const before = sizeOf(currentOf());
  const refused = (what: string, limit: string) =>
    invalid(['body', 'headers'], `An endpoint has at most ${what} (${limit}). An operator can raise it`);
  if (after.count > max && after.count > before.count) throw refused(`${max} custom headers`, 'maxHeadersPerEndpoint');
  if (after.bytes > maxBytes && after.bytes > before.bytes)
    throw refused(`${maxBytes} bytes of custom headers, names and values`, 'maxHeaderBytesPerEndpoint');
}

function sizeOf(headers: CustomHeaders): { count: number; bytes: number } {
  const all = Object.entries(headers);
  // Headers are Latin-1, so each character is a byte.
  return { count: all.length, bytes: all.reduce((sum, [name, value]) => sum + name.length + value.length, 0) };
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
