import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

/** The two ways of signing in Standard Webhooks: HMAC-SHA256 with a shared key, or Ed25519 with a key pair. */
export type SignatureKind = 'hmac256' | 'ed25519';

/** A decoded secret to sign with. Parse it once and keep it: making a KeyObject costs six times as much as a signature. */
export type SigningKey = { kind: 'hmac256'; key: KeyObject } | { kind: 'ed25519'; privateKey: KeyObject; publicKey: Buffer };

/** The text is not a signing secret that can be used. The message tells its sender what to do, and never quotes the secret. */
export class InvalidSecret extends Error {
  override readonly name = 'InvalidSecret';
}

const SHARED = 'whsec_';
const PRIVATE = 'whsk_';
const PUBLIC = 'whpk_';
const MIN_SHARED_BYTES = 24;
const MAX_SHARED_BYTES = 75;
const GENERATED_SHARED_BYTES = 24;
const SEED_BYTES = 32;
const PAIR_BYTES = 64;

// Node accepts an Ed25519 seed only within PKCS #8. For this algorithm everything before the seed is constant (RFC 8410).
const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * Decodes a signing secret in the format of Standard Webhooks: `whsec_` and base64 of 24 to 75 bytes, or `whsk_` and base64 of 64 bytes (a
 * 32-byte seed and its public key). The base64 has the standard alphabet and padding.
 *
 * @throws InvalidSecret for anything else, with a sentence for the API's answer
 */
export function parseSecret(text: string): SigningKey {
  if (text.startsWith(SHARED)) return sharedKey(base64Of(text, SHARED));
  if (text.startsWith(PRIVATE)) return keyPair(base64Of(text, PRIVATE));
  if (text.startsWith(PUBLIC)) {
    throw new InvalidSecret('This is a public key (whpk_), which cannot sign; give the private key that starts with whsk_');
  }
  throw new InvalidSecret('A secret must start with whsec_ (shared key) or whsk_ (Ed25519 private key)');
}

/** A new random secret: `whsec_` with 24 bytes, or `whsk_` with a new Ed25519 key pair. */
export function generateSecret(kind: SignatureKind): string {
  if (kind === 'hmac256') return SHARED + randomBytes(GENERATED_SHARED_BYTES).toString('base64');
  const pair = generateKeyPairSync('ed25519');
  const pkcs8 = pair.privateKey.export({ format: 'der', type: 'pkcs8' });
  const seed = pkcs8.subarray(PKCS8_BEFORE_SEED.length, PKCS8_BEFORE_SEED.length + SEED_BYTES);
  return PRIVATE + Buffer.concat([seed, publicBytes(pair.privateKey)]).toString('base64');
}

/**
 * The key that the owner of an endpoint verifies signatures with: the shared secret itself, or the public key (`whpk_`) of a pair.
 *
 * @throws InvalidSecret as `parseSecret` does, so that a damaged private key is never shown
 */
export function publicForm(secret: string): string {
  const parsed = parseSecret(secret);
  return parsed.kind === 'hmac256' ? secret : PUBLIC + parsed.publicKey.toString('base64');
}

function base64Of(text: string, prefix: string): Buffer {
  const encoded = text.slice(prefix.length);
  const bytes = Buffer.from(encoded, 'base64');
  // Node skips characters that are not base64. Another library may not, and would then verify with a different key.
  if (bytes.toString('base64') !== encoded) {
    throw new InvalidSecret(`What follows ${prefix} must be standard base64 with its padding; encode the key bytes again`);
  }
  return bytes;
}

function sharedKey(key: Buffer): SigningKey {
  if (key.length < MIN_SHARED_BYTES || key.length > MAX_SHARED_BYTES) {
    throw new InvalidSecret(
      `A whsec_ secret must hold ${MIN_SHARED_BYTES} to ${MAX_SHARED_BYTES} bytes, this one holds ${key.length}; use 32 random bytes`,
    );
  }
  return { kind: 'hmac256', key: createSecretKey(key) };
}

function keyPair(bytes: Buffer): SigningKey {
  if (bytes.length !== PAIR_BYTES) {
    throw new InvalidSecret(
      `A whsk_ secret must hold ${PAIR_BYTES} bytes (the 32-byte seed, then the 32-byte public key), this one holds ${bytes.length}`,
    );
  }
  const der = Buffer.concat([PKCS8_BEFORE_SEED, bytes.subarray(0, SEED_BYTES)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = publicBytes(privateKey);
  if (!publicKey.equals(bytes.subarray(SEED_BYTES))) {
    throw new InvalidSecret('The two halves of this whsk_ secret do not belong together; export the key pair again');
  }
  return { kind: 'ed25519', privateKey, publicKey };
}

function publicBytes(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-SEED_BYTES);
}
