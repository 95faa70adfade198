import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a webhook may be old or ahead. */
const TOLERANCE = 300;

/**
 * The signing secret of the check's endpoint, made from the text that hook and receiver share.
 * @param {string} text
 */
export function endpointSecret(text) {
  return `whsec_${keyOf(text).toString('base64')}`;
}

/**
 * Whether a webhook was signed with that secret, as Standard Webhooks says: null, or what is wrong.
 * @param {string} text what hook and receiver share
 * @param {Record<string, string | undefined>} headers with lower-case names
 * @param {Buffer} body
 * @param {number} nowSeconds
 * @returns {string | null}
 */
export function faultOf(text, headers, body, nowSeconds) {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signatures = headers['webhook-signature'];
  if (!id || !timestamp || !signatures) return 'a webhook-* header is missing';
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowSeconds - Number(timestamp)) > TOLERANCE) return 'the timestamp is not of now';
  const expected = createHmac('sha256', keyOf(text)).update(`${id}.${timestamp}.`).update(body).digest();
  const genuine = signatures.split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',');
    const given = Buffer.from(value, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
  return genuine ? null : 'the signature is wrong';
}

/**
 * The secret of JWT_SECRET that signs: the first of a comma-separated list, where `\,` is a comma inside a secret.
 * @param {string} jwtSecrets
 */
export function signingSecret(jwtSecrets) {
  if (!jwtSecrets.includes(',')) return jwtSecrets;
  const list = jwtSecrets.split(/(?<!\\),/).filter((secret) => secret.trim() !== '');
  return (list[0] ?? jwtSecrets).replaceAll('\\,', ',');
}

/**
 * A token of the API, good for a few minutes.
 * @param {string} jwtSecret one secret
 * @param {string} orgId
 * @param {number} nowSeconds
 */
export function mintToken(jwtSecret, orgId, nowSeconds) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'svix-server', sub: orgId, iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + 900 };
  const head = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${head}.${createHmac('sha256', jwtSecret).update(head).digest('base64url')}`;
}

/** @param {string} text */
function keyOf(text) {
  return createHash('sha256').update(text).digest();
}
