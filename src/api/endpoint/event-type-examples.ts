import { isList, isObject, textOf, treeOf } from '../../domain/json-tree.js';

/** The version whose examples are used, if it has some. */
const DEFAULT_VERSION = '1';

/**
 * The source texts of the examples in the schemas of an event type: those of version 1, or of the first version that has examples.
 *
 * @param schemas version → JSON Schema, as source text
 */
export function examplesOf(schemas: string): [string, ...string[]] | null {
  const tree = treeOf(schemas);
  const versions = isObject(tree) ? tree.members : new Map<string, never>();
  for (const version of [DEFAULT_VERSION, ...[...versions.keys()].sort()]) {
    const schema = versions.get(version);
    const examples = isObject(schema) ? schema.members.get('examples') : undefined;
    if (isList(examples) && examples.items.length > 0) return examples.items.map(textOf) as [string, ...string[]];
  }
  return null;
}
