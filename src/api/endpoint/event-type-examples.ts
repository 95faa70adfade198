/** The version whose examples count, where it has some. */
const USUAL_VERSION = '1';

/** The examples in an event type's schemas (version → JSON Schema): those of version 1, else of the first version that has any. */
export function examplesOf(schemas: Record<string, unknown>): [unknown, ...unknown[]] | null {
  const versions = [USUAL_VERSION, ...Object.keys(schemas).sort()];
  for (const version of versions) {
    const examples = (schemas[version] as { examples?: unknown } | null | undefined)?.examples;
    if (Array.isArray(examples) && examples.length > 0) return examples as [unknown, ...unknown[]];
  }
  return null;
}
