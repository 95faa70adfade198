import type { PortPolicy } from './port-policy.js';

/**
 * The URL of an endpoint in its canonical form (WHATWG URL Standard), or a sentence that says what is wrong with it. The address of its host
 * is not checked here but when a request is sent, because a host can get another address at any time.
 *
 * @param httpsOnly whether http is refused
 * @param ports decides which ports are refused
 */
export function normalizeEndpointUrl(text: string, httpsOnly: boolean, ports: PortPolicy): { url: string } | { problem: string } {
  const url = URL.parse(text);
  if (url === null) return { problem: 'The URL must be absolute, such as https://example.com/webhooks' };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return { problem: 'The URL must start with https:// or http://' };
  if (httpsOnly && url.protocol !== 'https:') return { problem: 'The URL must start with https://' };
  const port = ports.refusedIn(url);
  if (port !== null)
    return {
      problem: `The URL must have another port: ${port} belongs to another protocol than HTTP, and nothing is sent to it`,
    };
  return { url: url.href };
}

/** The value of the Authorization header for the user and password in a URL (RFC 7617); null if the URL has neither. */
export function basicAuthOf(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const pair = Buffer.concat([percentDecoded(url.username), Buffer.from(':'), percentDecoded(url.password)]);
  return 'Basic ' + pair.toString('base64');
}

/** Decodes to bytes, because they need not be UTF-8. A `%` without two hex digits stays as it is; decodeURIComponent would throw. */
export function percentDecoded(ascii: string): Buffer {
  const bytes = ascii.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
