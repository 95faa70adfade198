import { ApiError } from '../http-support/api-error.js';

/** Far more than any token needs. A longer one is refused before anything is computed of it. */
const MAX_TOKEN_CHARS = 8_192;
const BEARER = /^bearer +(\S+) *$/i;

/** The token of an Authorization header. Throws 401 if there is none. */
export function bearerToken(authorization: string | undefined): string {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > MAX_TOKEN_CHARS) throw unauthorized();
  return token;
}

/**
 * Throws 401 if a request has more than one Authorization header. Node takes the first one. A proxy may have taken another one for its
 * own decision, so none of them is trusted.
 *
 * @param rawHeaders names and values in turn, as Node hands them over
 */
export function assertOneAuthorization(rawHeaders: readonly string[]): void {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 13 && name.toLowerCase() === 'authorization') count++;
  }
  if (count > 1) throw unauthorized();
}

/** The 401 for a token. */
export function unauthorized(detail = 'Invalid token'): ApiError {
  return new ApiError(401, 'authentication_failed', detail);
}
