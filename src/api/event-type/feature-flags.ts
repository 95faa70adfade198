/**
 * The feature flags that a request gives by the two properties; null for none, undefined if it has neither property. `featureFlag` is
 * the older property, for one flag. It is used if the list is empty: if both are given by mistake, the event type stays hidden.
 */
export function resolvedFlags(
  one: string | null | undefined,
  several: readonly string[] | null | undefined,
): string[] | null | undefined {
  if (several && several.length > 0) return [...new Set(several)];
  if (one) return [one];
  return one === undefined && several === undefined ? undefined : null;
}
