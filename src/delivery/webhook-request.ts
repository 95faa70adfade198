import type { ClaimedDelivery } from '../domain/delivery.js';
import { basicAuthOf } from '../domain/endpoint-url.js';
import { signatureOf } from '../domain/signature.js';

/** The names of the signature headers: webhook-… (Standard Webhooks), svix-…, or both. */
export type SignatureHeaders = 'webhook' | 'svix' | 'both';

/** The POST of one attempt. */
export interface WebhookRequest {
  url: URL;
  /** Alternating names and values. The letter case of the names is kept. */
  headers: string[];
  body: Buffer;
}

const PREFIXES: Record<SignatureHeaders, readonly string[]> = { webhook: ['webhook'], svix: ['svix'], both: ['webhook', 'svix'] };

/**
 * Builds the request of one attempt, signed with each of the endpoint's secrets that is still valid. All attempts of a message have the
 * same id; the timestamp is that of the attempt (Standard Webhooks).
 */
export function webhookRequest(
  claimed: ClaimedDelivery,
  signatureHeaders: SignatureHeaders,
  userAgent: string,
  nowMs: number,
): WebhookRequest {
  const { endpoint, payload, msgId } = claimed;
  const timestamp = Math.floor(nowMs / 1000);
  const validKeys = endpoint.keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > nowMs).map(({ key }) => key);
  const signature = signatureOf(validKeys, msgId, timestamp, payload);
  const custom = new Set(endpoint.headers.map(([name]) => name.toLowerCase()));
  const url = new URL(endpoint.url);
  const headers: string[] = [];
  const addUnlessCustom = (name: string, value: string) => {
    if (!custom.has(name)) headers.push(name, value);
  };
  addUnlessCustom('accept', '*/*');
  addUnlessCustom('content-type', claimed.contentType ?? 'application/json');
  addUnlessCustom('user-agent', userAgent);
  for (const prefix of PREFIXES[signatureHeaders]) {
    headers.push(`${prefix}-id`, msgId, `${prefix}-timestamp`, String(timestamp), `${prefix}-signature`, signature);
  }
  for (const [name, value] of endpoint.headers) headers.push(name, value);
  const basicAuth = basicAuthOf(url);
  if (basicAuth !== null) addUnlessCustom('authorization', basicAuth);
  return { url, headers, body: payload };
}
