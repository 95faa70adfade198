import type { ClientCertificate } from '../config/client-certificate.js';
import type { Log } from '../observability/log.js';

/** How long before its end a certificate is reported. */
const SOON_MS = 30 * 24 * 3_600_000;

/**
 * Reports a client certificate that is not valid now, or not for much longer. It is no reason to stop: only the endpoints that ask for it refuse
 * the connection.
 */
export function reportCertificateDates(certificate: ClientCertificate | null, log: Log, now: number): void {
  if (certificate === null) return;
  const { validFrom, validTo } = certificate;
  if (now < Date.parse(validFrom) || Date.parse(validTo) - now < SOON_MS)
    log.warn('delivery.client_certificate_expires', { validFrom, validTo });
}
