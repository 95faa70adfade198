import { isObject, type JsonNode, type JsonObject } from '../../domain/json-tree.js';

/** The node that a reference like `#/components/schemas/Order` points to; undefined if there is none, or it is in another document. */
export function pointedTo(spec: JsonObject, reference: string): JsonNode | undefined {
  if (!reference.startsWith('#/')) return undefined;
  let at: JsonNode | undefined = spec;
  for (const step of reference.slice(2).split('/').map(unescaped)) {
    if (!isObject(at)) return undefined;
    at = at.members.get(step);
  }
  return at;
}

/** Decodes one step of a JSON pointer in a URL. */
export function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
}
