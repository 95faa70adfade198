/** The time that a field of type datetime-local has. Times stand in the address with their zone, so that a colleague elsewhere sees the same list. */
export function isoOf(local: string): string | null {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** What such a field shows for it; '' for no time. */
export function localOf(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
