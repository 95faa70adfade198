/**
 * An error in one line, with what caused it: fetch says no more than "fetch failed" and keeps the reason in its cause.
 * @param {unknown} error
 * @returns {string}
 */
export function errorText(error) {
  if (!(error instanceof Error)) return String(error);
  // An AggregateError, which stands for several addresses, has a code and no message.
  const said = error.message || ('code' in error ? error.code : '');
  return `${error.name}: ${said}${error.cause === undefined ? '' : ` (${errorText(error.cause)})`}`;
}
