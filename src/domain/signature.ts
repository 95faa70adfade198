import { createHmac, sign } from 'node:crypto';
import type { SigningKey } from './secrets.js';

/**
 * The value of the signature header of Standard Webhooks: for each key a signature of `<id>.<timestamp>.<body>`, in the order of the keys,
 * separated by spaces. `v1,` is HMAC-SHA256, `v1a,` is Ed25519, both in base64 with padding.
 *
 * @param timestampSeconds whole Unix seconds, the same as in the timestamp header
 * @param body exactly the bytes that are sent
 */
export function signatureOf(keys: readonly SigningKey[], messageId: string, timestampSeconds: number, body: Buffer): string {
  const head = `${messageId}.${timestampSeconds}.`;
  let whole: Buffer | null = null;
  return keys
    .map((key) => {
      if (key.kind === 'hmac256') return 'v1,' + createHmac('sha256', key.key).update(head).update(body).digest('base64');
      // Ed25519 reads its input twice, so that it needs all of it at once. Only endpoints with such a key cost this copy.
      whole ??= Buffer.concat([Buffer.from(head), body]);
      return 'v1a,' + sign(null, whole, key.privateKey).toString('base64');
    })
    .join(' ');
}
