/** A path without a character that ends quotes, or that a framework's routes read as something else. */
const PLAIN = /^[\w/.~%-]+$/;
const ANY: Pick<Filling, 'path' | 'port'> = { path: '/webhooks', port: '8080' };

/** What is filled in: the path of the endpoint, the port to listen on, and how the names of the headers begin. */
export interface Filling {
  path: string;
  port: string;
  prefix: 'webhook' | 'svix';
}

/** The values of an endpoint's URL, or of any. An odd path is left out. */
export function fillingOf(url: string | undefined, prefix: Filling['prefix']): Filling {
  const parsed = url === undefined ? null : URL.parse(url);
  if (!parsed) return { ...ANY, prefix };
  return { path: PLAIN.test(parsed.pathname) ? parsed.pathname : ANY.path, port: parsed.port || ANY.port, prefix };
}
