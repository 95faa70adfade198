/**
 * One line that says what an error is. It contains no secrets: no query texts, no parameters, no URLs. This module imports nothing, so that
 * the health check can use it without loading the log.
 */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || (error.cause instanceof Error ? error.cause.message : '') || error.name;
  return `${error.name}: ${message}`.slice(0, 500);
}
