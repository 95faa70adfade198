import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** The algorithms of tokens that are verified with a public key. A key is used with its own algorithm and no other. */
export type PublicAlgorithm = 'RS256' | 'EdDSA' | 'ES256';

/** A public key that tokens may be signed for. */
export interface VerifyingKey {
  /** Its name in the headers of tokens; null if it has none. */
  kid: string | null;
  algorithm: PublicAlgorithm;
  key: KeyObject;
}

/** What JWT_PUBLIC_KEYS says: the keys themselves, or where they are read. */
export type PublicKeySource = { keys: readonly VerifyingKey[]; url: null } | { keys: null; url: string };

/** A key that is not used, and why: a sentence about it that repeats nothing of it. */
class Unusable extends Error {}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const MIN_RSA_BITS = 2048;
const MAX_KEYS = 100;

/**
 * Reads JWT_PUBLIC_KEYS: public keys in PEM, a JWKS document, or the URL of one.
 *
 * @returns the keys, the URL, or a sentence that says what is wrong
 */
export function parsePublicKeys(text: string): PublicKeySource | { problem: string } {
  const trimmed = text.trim();
  if (/^https?:/i.test(trimmed)) return sourceAt(trimmed);
  try {
    const keys = trimmed.startsWith('{') ? keysOf(trimmed, refuse) : keysInPem(trimmed.replaceAll('\\n', '\n'));
    return { keys, url: null };
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message };
    throw error;
  }
}

/**
 * The keys of a JWKS document that somebody else keeps. Keys that can't be used here are left out: identity providers have keys for
 * encryption, and for other algorithms, in the same document. Throws if it is no such document or has no usable key.
 */
export function keysOfDocument(text: string): VerifyingKey[] {
  return keysOf(text, () => null);
}

/** Whether a secret is in fact a public key, which everybody may know. */
export function isPublicKeyText(text: string): boolean {
  return /-----BEGIN ([A-Z]+ )?(PUBLIC KEY|CERTIFICATE)-----/.test(text);
}

/** Refuses plain http, except to this machine. */
function sourceAt(text: string): PublicKeySource | { problem: string } {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '')
    return {
      problem: 'must be the URL of a JWKS document without user and password, such as https://login.example.com/jwks.json.',
    };
  if (url.protocol !== 'https:' && !LOOPBACK.test(url.hostname))
    return { problem: 'must begin with https://: whoever changes the document on its way can make tokens.' };
  return { keys: null, url: url.href };
}

function keysInPem(text: string): VerifyingKey[] {
  const blocks = [...text.matchAll(PEM)];
  if (blocks.length === 0)
    throw new Unusable('must be public keys in PEM (-----BEGIN PUBLIC KEY-----), a JWKS document, or the https URL of one.');
  return blocks.map(([pem, kind]) => {
    if (kind!.includes('PRIVATE'))
      throw new Unusable('contains a private key. Write the public key only, and keep the private one secret.');
    return verifyingKey(() => createPublicKey(pem), null);
  });
}

/** @param unusable what to do with a key that can't be used: answers null to leave it out, or throws */
function keysOf(text: string, unusable: (problem: Unusable) => null): VerifyingKey[] {
  const keys = jwksIn(text).map((jwk) => {
    try {
      return keyOf(jwk);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      return unusable(error);
    }
  });
  const usable = keys.filter((key) => key !== null);
  if (usable.length === 0) throw new Unusable('has no key for signatures with RS256, ES256 or EdDSA.');
  return usable;
}

function refuse(problem: Unusable): never {
  throw problem;
}

function jwksIn(text: string): JsonWebKey[] {
  let document: { keys?: unknown };
  try {
    document = JSON.parse(text) as { keys?: unknown };
  } catch {
    throw new Unusable('must be JSON, if it is a JWKS document.');
  }
  const keys = document?.keys;
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'object' || key === null))
    throw new Unusable('must be a JWKS document: {"keys": […]}.');
  if (keys.length > MAX_KEYS) throw new Unusable(`must not have more than ${MAX_KEYS} keys.`);
  return keys as JsonWebKey[];
}

/** Null for a key that its owner wants to be used for something else. */
function keyOf(jwk: JsonWebKey): VerifyingKey | null {
  if (jwk.kty === 'oct' || jwk['k'] !== undefined)
    throw new Unusable('contains a symmetric key (kty "oct"). Such a secret belongs into JWT_SECRET.');
  if (jwk.d !== undefined)
    throw new Unusable('contains a private key. Write the public key only, and keep the private one secret.');
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return null;
  if (Array.isArray(jwk['key_ops']) && !jwk['key_ops'].includes('verify')) return null;
  const key = verifyingKey(
    () => createPublicKey({ key: jwk, format: 'jwk' }),
    typeof jwk['kid'] === 'string' ? jwk['kid'] : null,
  );
  const names: unknown[] = key.algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [key.algorithm];
  return jwk['alg'] === undefined || names.includes(jwk['alg']) ? key : null;
}

function verifyingKey(read: () => KeyObject, kid: string | null): VerifyingKey {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    throw new Unusable('contains a key that can not be read.');
  }
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') return { kid, key, algorithm: 'EdDSA' };
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { kid, key, algorithm: 'ES256' };
  if (key.asymmetricKeyType !== 'rsa') throw new Unusable('contains a key that is neither RSA, Ed25519 nor P-256.');
  if (modulusLength < MIN_RSA_BITS || publicExponent < 3n)
    throw new Unusable(
      `contains an RSA key that is too weak: it has ${modulusLength} bits and must have ${MIN_RSA_BITS} or more.`,
    );
  return { kid, key, algorithm: 'RS256' };
}
