const ANY: Pick<Filling, 'path' | 'port'> = { path: '/webhooks', port: '8080' };

/** What is filled in: the path of the endpoint, the port to listen on, and how the names of the headers begin. */
export interface Filling {
  path: string;
  port: string;
  prefix: 'webhook' | 'svix';
}

/** The values of an endpoint's URL, or of any. The path stands in quotes in the code: nothing in it can end them. */
export function fillingOf(url: string | undefined, prefix: Filling['prefix']): Filling {
  const parsed = url === undefined ? null : URL.parse(url);
  if (!parsed) return { ...ANY, prefix };
  return { path: parsed.pathname.replace(/["'\\`$#{}()*!]/g, encoded), port: parsed.port || ANY.port, prefix };
}

/** encodeURIComponent leaves quotes, brackets and others as they are. */
const encoded = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`;
