import { mintToken, signingSecret } from './signing.mjs';

/** The API answered with an error. */
export class ApiFailed extends Error {
  /** @override */
  name = 'ApiFailed';
}

/**
 * @typedef {object} Access
 * @property {string} apiUrl the listener that is called
 * @property {string} jwtSecret JWT_SECRET as the service gets it: one secret, or a list
 * @property {string} orgId the tenant
 * @property {number} limitMs time limit of one request
 * @property {AbortSignal} [signal] ends every request
 *
 * @typedef {(method: string, path: string, body?: object) => Promise<any>} Call
 */

/**
 * Makes a function that calls the API as one tenant, for a quarter of an hour. It throws ApiFailed if the answer is not 2xx, or
 * what fetch and the signal throw.
 * @param {Access} access
 * @returns {Call}
 */
export function apiCaller({ apiUrl, jwtSecret, orgId, limitMs, signal }) {
  const token = mintToken(signingSecret(jwtSecret), orgId, Math.floor(Date.now() / 1000));
  return async (method, path, body) => {
    const limit = AbortSignal.timeout(limitMs);
    const answer = await fetch(apiUrl + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    const text = await answer.text();
    if (!answer.ok) throw new ApiFailed(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return text === '' ? {} : JSON.parse(text);
  };
}
