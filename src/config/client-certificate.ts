import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';

/** What a client shows to a server that asks for a certificate (mTLS). */
export interface ClientCertificate {
  /** The certificate, then those that lead to its root, in PEM. */
  chain: string;
  /** The private key in PEM. */
  key: string;
  /** ISO 8601. */
  validFrom: string;
  validTo: string;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;
const KEYS = /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[^]*?-----END \1PRIVATE KEY-----/g;

/**
 * Reads a PEM text with a certificate, its chain and its private key. A problem is a sentence about the text that repeats nothing of it.
 * A certificate that has expired is none: endpoints that ask for no certificate must get their webhooks also then.
 */
export function parseClientCertificate(text: string): ClientCertificate | { problem: string } {
  // Files of variables (docker run --env-file) cannot contain line breaks.
  const pem = text.replaceAll('\\n', '\n');
  const certificates = pem.match(CERTIFICATES) ?? [];
  const keys = pem.match(KEYS) ?? [];
  if (certificates.length === 0) return { problem: 'must be PEM text: it contains no -----BEGIN CERTIFICATE-----.' };
  if (keys.length !== 1)
    return { problem: `must contain one private key in PEM (-----BEGIN PRIVATE KEY-----), not ${keys.length}.` };
  const key = privateKeyIn(keys[0]!);
  if (key === null) return { problem: 'must contain a private key that can be read: PEM, without a passphrase.' };
  const own = certificateIn(certificates[0]!);
  if (own === null || certificates.some((each) => certificateIn(each) === null))
    return { problem: 'must contain certificates that can be read: one of them is damaged.' };
  if (!own.checkPrivateKey(key))
    return { problem: 'must begin with the certificate of its private key: the key belongs to another one.' };
  const parsed = { chain: certificates.join('\n'), key: keys[0]!, validFrom: iso(own.validFrom), validTo: iso(own.validTo) };
  const problem = refusedByOpenSsl(parsed);
  return problem === null ? parsed : { problem: `must be usable for TLS; OpenSSL refuses it: ${problem}.` };
}

function privateKeyIn(pem: string): KeyObject | null {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

function certificateIn(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

/** OpenSSL's reason if it takes no such certificate, for example because the key is too short; else null. */
function refusedByOpenSsl({ chain, key }: { chain: string; key: string }): string | null {
  try {
    createSecureContext({ cert: chain, key });
    return null;
  } catch (error) {
    return (error as { reason?: string }).reason ?? 'unknown reason';
  }
}

function iso(date: string): string {
  return new Date(date).toISOString();
}
