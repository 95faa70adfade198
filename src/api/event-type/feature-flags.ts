/**
 * What a caller means by the two names for flags: null for none, undefined where nothing is said. `featureFlag` is the old one, for
 * a single flag; it counts where the list names none, so that what is sent with both by mistake is rather hidden than shown.
 */
export function flagsMeant(
  one: string | null | undefined,
  several: readonly string[] | null | undefined,
): string[] | null | undefined {
  if (several && several.length > 0) return [...new Set(several)];
  if (one) return [one];
  return one === undefined && several === undefined ? undefined : null;
}
