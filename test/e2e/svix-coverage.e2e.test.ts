import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Svix } from 'svix';
import { Svix as Svix1 } from 'svix-1';
import { startApp, type TestApp } from '../support/app.js';
import { belongings } from '../support/belongings.js';
import { CALLS, UNSUPPORTED, UNSUPPORTED_ARGUMENTS, type Ids } from '../svix/calls.js';

type Client = Record<string, any>;

let app: TestApp;

beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** Every method of a client, as `resource.method`: found by looking, so that a new one is noticed. */
function methodsOf(resource: object, at = ''): string[] {
  const descriptors = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(resource) as object);
  return Object.entries(descriptors).flatMap(([name, { get, value }]) => {
    if (name === 'constructor') return [];
    if (get) return methodsOf((resource as Client)[name] as object, `${at}${name}.`);
    return typeof value === 'function' ? [`${at}${name}`] : [];
  });
}

async function called(client: Client, name: string, args: unknown[]): Promise<unknown> {
  const steps = name.split('.');
  const method = steps.pop()!;
  const resource = steps.reduce<Client>((at, step) => at[step] as Client, client);
  return resource[method](...args);
}

const CLIENTS = [
  ['2.x', Svix, (token?: string) => app.svix(token)],
  ['1.x', Svix1, (token?: string) => app.svix1(token)],
] as const;

describe.each(CLIENTS)('of the client %s', (_version, type, connect) => {
  const methods = methodsOf(new (type as typeof Svix)('token', { serverUrl: 'http://localhost' }));
  const unsupported = methods.filter((name) => UNSUPPORTED.test(name));

  it.each(methods.filter((name) => !UNSUPPORTED.test(name)))('%s works', async (name) => {
    expect(CALLS[name]).toBeDefined();
    const own = await belongings(app, app.token);
    const ids: Ids = { ...own, unique: randomUUID() };
    const token = name === 'authentication.logout' ? app.appTokenFor(own.app_id) : app.token;
    await expect(called(connect(token) as Client, name, CALLS[name]!(ids))).resolves.not.toThrow();
  });

  it.each(unsupported)('%s is refused by name', async (name) => {
    const args = UNSUPPORTED_ARGUMENTS[name] ?? ['x', 'x', 'x'];
    const refused = { code: 404, body: { code: 'not_supported', detail: expect.stringContaining('not supported') } };
    await expect(called(connect() as Client, name, args)).rejects.toMatchObject(refused);
  });
});
