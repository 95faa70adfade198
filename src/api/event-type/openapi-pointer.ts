export type Json = Record<string, unknown>;

/** What a reference like `#/components/schemas/Order` points to; undefined for nothing, and for other documents. */
export function pointedTo(spec: Json, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let at: unknown = spec;
  for (const step of reference.slice(2).split('/').map(unescaped)) {
    if (!isObject(at) || !Object.hasOwn(at, step)) return undefined;
    at = at[step];
  }
  return at;
}

/** One step of a JSON pointer in a URL. */
export function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
