const RULES = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The Content-Security-Policy of the pages: they load nothing from other servers, send nothing to them, and contain no script or style of
 * their own. Only `ancestors` may show them in a frame: origins, or `'none'`.
 */
export const pagePolicy = (ancestors: string): string => `${RULES}; frame-ancestors ${ancestors}`;
