import type { Answer, Api } from './api.js';

export { randomOrgId } from './tokens.js';

type Fields = Record<string, unknown>;
interface HasApi {
  api: Api;
}

/** An application made through the API; returns what the API answered. */
export async function anApplication(app: HasApi, overrides: Fields = {}): Promise<any> {
  return made(await app.api.post('/app', { name: 'Shop', ...overrides }), 201);
}

/** An endpoint made through the API. Without a `url` of the test's own nothing listens there. */
export async function anEndpoint(app: HasApi, appId: string, overrides: Fields = {}): Promise<any> {
  return made(await app.api.post(`/app/${appId}/endpoint`, { url: 'http://127.0.0.1:9/hook', ...overrides }), 201);
}

/** A message accepted by the API. */
export async function aMessage(app: HasApi, appId: string, overrides: Fields = {}): Promise<any> {
  return made(await app.api.post(`/app/${appId}/msg`, { eventType: 'order.paid', payload: { order: 42 }, ...overrides }), 202);
}

function made({ status, body }: Answer, expected: number): any {
  if (status !== expected) throw new Error(`Expected ${expected}, got ${status}: ${JSON.stringify(body)}`);
  return body;
}
