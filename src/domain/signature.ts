import { createHmac, sign } from 'node:crypto';
import type { SigningKey } from './secrets.js';

/**
 * The value of the signature header of Standard Webhooks: one signature a key over `<id>.<timestamp>.<body>`, in the order
 * of the keys, joined by a space. `v1,` is HMAC-SHA256, `v1a,` is Ed25519, both in padded base64.
 *
 * @param timestampSeconds whole Unix seconds, the same number that goes into the timestamp header
 * @param body exactly the bytes that are sent
 */
export function signatureOf(keys: readonly SigningKey[], messageId: string, timestampSeconds: number, body: Buffer): string {
  const head = `${messageId}.${timestampSeconds}.`;
  let whole: Buffer | null = null;
  return keys
    .map((key) => {
      if (key.kind === 'hmac256') return 'v1,' + createHmac('sha256', key.key).update(head).update(body).digest('base64');
      // Ed25519 reads its input twice and so can't be fed in pieces; only those who use it pay for the copy.
      whole ??= Buffer.concat([Buffer.from(head), body]);
      return 'v1a,' + sign(null, whole, key.privateKey).toString('base64');
    })
    .join(' ');
}
