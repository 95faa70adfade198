/** How the permits of a process are divided between endpoints of different speed. */
export interface PermitParts {
  /** Maximum of all slow endpoints together. */
  slow: number;
  /** Maximum of all endpoints together whose speed is not known yet. Each of them may have one permit. */
  unknown: number;
  /** Maximum of slow and unknown endpoints together, with requests to formerly unknown endpoints that have hung since. */
  doubtful: number;
  /** Reserved for endpoints without a request in progress: endpoints with many requests in progress can't take these. */
  idle: number;
}

/** Slow and unknown endpoints may have a quarter of the permits each, at least one; a sixteenth is for endpoints without one. */
export function partsOf(permits: number): PermitParts {
  const quarter = Math.max(1, Math.floor(permits / 4));
  return {
    slow: quarter,
    unknown: quarter,
    doubtful: 2 * quarter,
    idle: Math.floor(permits / 16),
  };
}
