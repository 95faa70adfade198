import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed text can't be opened: its key is not configured, or the text was changed. The message names the key id, never the content. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/** What a sealed text belongs to: kind of row, its ids, and the field. It opens for the same binding only. */
export type Binding = readonly string[];

/** AES-256-GCM: base64url of nonce, ciphertext and tag. The nonce is new each time. Without a binding the text opens anywhere. */
export function encrypted(plain: string, key: Buffer, binding: Binding | null): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  if (binding) cipher.setAAD(aadOf(binding));
  return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/**
 * The text that was encrypted.
 *
 * @param name of the key, for the error
 * @throws SealBroken if a byte was changed, or the text belongs to another binding
 */
export function decrypted(encoded: string, key: Buffer, name: string, binding: Binding | null): string {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken(`Sealed with ${name}, but cut short`);
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  if (binding) decipher.setAAD(aadOf(binding));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    throw new SealBroken(`Sealed with ${name}, but changed since${binding ? ', or copied from elsewhere' : ''}`);
  }
}

/** JSON, so that different bindings never give the same bytes. */
function aadOf(binding: Binding): Buffer {
  return Buffer.from(JSON.stringify(binding));
}
