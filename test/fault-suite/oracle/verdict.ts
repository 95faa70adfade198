/** The result of one invariant. */
export interface Verdict {
  invariant: string;
  /** How many things were looked at. */
  checked: number;
  /** Empty if it holds. Each names the ids that it is about. */
  violations: string[];
  /** What is not a violation, by the name of the exception. */
  exceptions: Record<string, number>;
}

export function verdict(
  invariant: string,
  checked: number,
  violations: string[],
  exceptions: Record<string, number> = {},
): Verdict {
  return { invariant, checked, violations, exceptions };
}
