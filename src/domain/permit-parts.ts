/** How the permits are divided between endpoints of which different things are known. */
export interface PermitParts {
  /** What all slow endpoints together may hold, however many they are. */
  slow: number;
  /** What endpoints of which nothing is known yet may hold together, one each. */
  unknown: number;
  /** What the two may hold together, requests included that went out to an unknown endpoint and have hung since. */
  doubtful: number;
  /** Kept for endpoints with nothing under way: what those with much under way leave to them. */
  firsts: number;
}

/** The parts of so many permits: a quarter each, at least one; a sixteenth for firsts. */
export function partsOf(permits: number): PermitParts {
  const quarter = Math.max(1, Math.floor(permits / 4));
  return {
    slow: quarter,
    unknown: quarter,
    doubtful: 2 * quarter,
    firsts: Math.floor(permits / 16),
  };
}
