import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENVELOPE = /^s1\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

/** A sealed text can't be opened: its key is not configured, or the text was changed. The message names the key id, never the content. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

/**
 * Encrypts ("seals") secrets for the database: AES-256-GCM in the envelope `s1.<key id>.<base64url(nonce, ciphertext, tag)>`. The key id is
 * the first 8 hex digits of the key's SHA-256. To change the key, put the new one first and keep the old one after it until every row is
 * sealed with the new one. A row whose key is missing can't be read, and nothing can be signed for its endpoint.
 */
export class Sealer {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: { id: string; key: Buffer };

  /**
   * @param keys of 32 bytes; the first seals, all of them open
   * @throws RangeError if there is no key, or a key of another length
   */
  constructor(keys: readonly Buffer[]) {
    const [first] = keys;
    if (first === undefined) throw new RangeError('A sealer needs at least one key');
    const bad = keys.find((key) => key.length !== KEY_BYTES);
    if (bad) throw new RangeError(`A sealing key must have ${KEY_BYTES} bytes, this one has ${bad.length}`);
    this.keys = new Map(keys.map((key) => [keyId(key), key]));
    this.current = { id: keyId(first), key: first };
  }

  /** The sealed text. The nonce is new each time, so that equal texts give different results. */
  seal(plain: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.current.key, nonce, { authTagLength: TAG_BYTES });
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `s1.${this.current.id}.${sealed.toString('base64url')}`;
  }

  /**
   * The text that was sealed.
   *
   * @throws SealBroken if `sealed` is not a sealed text, its key is unknown, or a byte of it was changed
   */
  open(sealed: string): string {
    const [, id, encoded] = ENVELOPE.exec(sealed) ?? [];
    if (id === undefined || encoded === undefined) throw new SealBroken('Not a sealed text');
    const key = this.keys.get(id);
    if (key === undefined) throw new SealBroken(`Sealed with key ${id}, which is not configured`);
    const bytes = Buffer.from(encoded, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken(`Sealed with key ${id}, but cut short`);
    const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    try {
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch {
      throw new SealBroken(`Sealed with key ${id}, but changed since`);
    }
  }
}

function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}
