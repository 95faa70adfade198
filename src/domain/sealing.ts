import { createHash } from 'node:crypto';
import { dataKeyIn } from './data-key.js';
import { decrypted, encrypted, SealBroken, type Binding } from './envelope.js';

const KEY_BYTES = 32;
const ENVELOPE = /^(s[12])\.([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

/**
 * Encrypts ("seals") secrets for the database: AES-256-GCM in the envelope `s2.<key id>.<base64url(nonce, ciphertext, tag)>`. The key id is
 * the first 8 hex digits of the key's SHA-256. The binding is the additional authenticated data (AAD), so that a text that was copied to
 * another row does not open there. `s1` is the envelope without a binding. (docs/adr/0075-bound-sealing.md)
 *
 * To change the key, put the new one first, and keep the old one after it until the command `rekey` has sealed every row with the new one.
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

  /** The sealed text. The nonce is new each time, so that equal texts give different results. Without a binding it opens anywhere. */
  seal(plain: string, binding: Binding | null = null): string {
    return `${this.currentPrefix(binding !== null)}${encrypted(plain, this.current.key, binding)}`;
  }

  /**
   * The text that was sealed.
   *
   * @throws SealBroken if `sealed` is not a sealed text, its key is unknown, a byte of it was changed, or it belongs to another binding
   */
  open(sealed: string, binding: Binding | null = null): string {
    const [, version, id, encoded] = ENVELOPE.exec(sealed) ?? [];
    if (id === undefined || encoded === undefined || (version === 's2' && binding === null))
      throw new SealBroken('Not a sealed text');
    const key = this.keys.get(id);
    if (key === undefined) throw new SealBroken(`Sealed with key ${id}, which is not configured`);
    return decrypted(encoded, key, `key ${id}`, version === 's2' ? binding : null);
  }

  /** Whether a text is sealed as `seal` would do it now: with the first key, and bound or not. */
  isCurrent(sealed: string, bound: boolean): boolean {
    return sealed.startsWith(this.currentPrefix(bound));
  }

  private currentPrefix(bound: boolean): string {
    return `${bound ? 's2' : 's1'}.${this.current.id}.`;
  }
}

/** Envelope and key of a sealed text, such as `s1.0123abcd`, for people to read. */
export function sealedWith(sealed: string): string {
  const dataKey = dataKeyIn(sealed);
  if (dataKey !== null) return `s3.${dataKey}`;
  const [, version, id] = ENVELOPE.exec(sealed) ?? [];
  return version === undefined ? 'not sealed' : `${version}.${id}`;
}

function keyId(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 8);
}
