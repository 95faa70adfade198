import { createHash } from 'node:crypto';
import { decrypted, encrypted, SealBroken, type Binding } from './envelope.js';

const ENVELOPE = /^s3\.(\d{8}-[0-9a-f]{8}-\d)\.([A-Za-z0-9_-]+)$/;

/** A data key can't be had at the moment: AWS KMS does not answer. It passes by itself, so nothing is to be changed because of it. */
export class DataKeyAway extends Error {
  override readonly name: string = 'DataKeyAway';
}

/** A data key was not asked for yet. Whoever may wait asks for it, and tries again. */
export class DataKeyNeeded extends DataKeyAway {
  override readonly name = 'DataKeyNeeded';

  constructor(readonly id: string) {
    super(`The data key ${id} is not in memory; try again`);
  }
}

/** A key that AWS KMS has made for a day, in plain. It never leaves the memory of the process. */
export interface DataKey {
  id: string;
  plain: Buffer;
}

/**
 * The id of the data key of a day: the day, the KMS key, and a number from 0 that goes up when one can't be used. All processes give the
 * key of a day the same id, so that the database keeps one of them.
 */
export function dataKeyId(kmsKeyId: string, atMs: number, number: number): string {
  const day = new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}-${nameOf(kmsKeyId)}-${number}`;
}

/** Seals under a data key, in the envelope `s3.<data key id>.<base64url(nonce, ciphertext, tag)>`. (docs/adr/0079-data-keys-from-kms.md) */
export function sealWith({ id, plain: key }: DataKey, plain: string, binding: Binding): string {
  return `s3.${id}.${encrypted(plain, key, binding)}`;
}

/** The id of the data key that a text is sealed with; null if it is another kind of text. */
export function dataKeyIn(sealed: string): string | null {
  return ENVELOPE.exec(sealed)?.[1] ?? null;
}

/** Opens what `sealWith` sealed. Throws SealBroken. */
export function openWith({ id, plain: key }: DataKey, sealed: string, binding: Binding): string {
  const encoded = ENVELOPE.exec(sealed)?.[2];
  if (encoded === undefined) throw new SealBroken('Not a sealed text');
  return decrypted(encoded, key, `data key ${id}`, binding);
}

/** Whether a text is sealed under a data key of this KMS key, of whatever day. */
export function isOfKmsKey(sealed: string, kmsKeyId: string): boolean {
  return dataKeyIn(sealed)?.split('-')[1] === nameOf(kmsKeyId);
}

function nameOf(kmsKeyId: string): string {
  return createHash('sha256').update(kmsKeyId).digest('hex').slice(0, 8);
}
