import request from 'supertest';

export interface Answer {
  status: number;
  /** Parsed if it is JSON, else text; null without a body. */
  body: any;
  headers: Record<string, string>;
}

type Headers = Record<string, string>;

/** HTTP requests with a token on them. */
export interface Api {
  get(path: string, headers?: Headers): Promise<Answer>;
  delete(path: string, headers?: Headers): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  put(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  patch(path: string, body?: unknown, headers?: Headers): Promise<Answer>;
  /** The body goes out as it is. */
  raw(method: string, path: string, options?: { headers?: Headers; body?: string | Buffer }): Promise<Answer>;
}

/** Requests below `base`, asked for at each request if it is a function; a header that the test gives wins over the token. */
export function apiAt(base: string | (() => string), token?: string): Api {
  const raw: Api['raw'] = async (method, path, { headers = {}, body } = {}) => {
    const { origin, pathname } = new URL(typeof base === 'string' ? base : base());
    const agent = request(origin) as unknown as Record<string, (path: string) => request.Test>;
    const sending = agent[method.toLowerCase()]!(pathname.replace(/\/$/, '') + path);
    if (token) sending.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(headers)) sending.set(name, value);
    const { status, text, body: parsed, headers: received } = await sending.send(body);
    const json = /^application\/(.+\+)?json\b/.test(received['content-type'] ?? '');
    return { status, body: json && text ? parsed : text || null, headers: received };
  };
  const withJson = (method: string) => (path: string, body?: unknown, headers?: Headers) =>
    body === undefined
      ? raw(method, path, { headers })
      : raw(method, path, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  return {
    raw,
    get: (path, headers) => raw('get', path, { headers }),
    delete: (path, headers) => raw('delete', path, { headers }),
    post: withJson('post'),
    put: withJson('put'),
    patch: withJson('patch'),
  };
}
