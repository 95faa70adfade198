/** A rule of EventBridge that calls a function. */
export interface EventRule {
  /** Field → values that it may have, or a pattern of the fields below it. */
  pattern: Pattern;
  /** ARNs of its targets. */
  targets: string[];
}

type Pattern = { [field: string]: Pattern | readonly unknown[] };

/**
 * Whether an event matches a pattern of exact values: each field of the pattern has one of its values.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * @throws Error if the pattern has anything but exact values
 */
export function matches(pattern: Pattern, event: object): boolean {
  return Object.entries(pattern).every(([field, wanted]) => {
    const value = (event as Record<string, unknown>)[field];
    if (!Array.isArray(wanted)) return typeof value === 'object' && value !== null && matches(wanted as Pattern, value);
    const other = wanted.find((one) => typeof one === 'object' && one !== null);
    if (other) throw new Error(`A rule's pattern has ${JSON.stringify(other)} for ${field}; the rehearsal knows exact values.`);
    return wanted.includes(value);
  });
}
