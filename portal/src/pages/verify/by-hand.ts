import type { Filling } from './filling.js';

/** The same without a library, for those whose language has none. */
export const byHand = ({ prefix }: Filling) => `import { createHmac, timingSafeEqual } from 'node:crypto';

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace('whsec_', ''), 'base64');

export function isGenuine(headers, payload) {
  const sentAt = Number(headers['${prefix}-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - sentAt) <= 300)) return false;
  const signed = \`\${headers['${prefix}-id']}.\${headers['${prefix}-timestamp']}.\${payload}\`;
  const expected = Buffer.from(\`v1,\${createHmac('sha256', key).update(signed).digest('base64')}\`);
  return headers['${prefix}-signature']
    .split(' ')
    .map((signature) => Buffer.from(signature))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected));
}
`;
