import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ordering, type Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';
import { randomOrgId } from '../support/tokens.js';

/** What endpoints an application has: enabled, disabled, deleted. */
const KINDS: Record<string, ('on' | 'off' | 'gone')[]> = {
  none: [],
  enabled: ['on'],
  disabled: ['off', 'off'],
  mixed: ['off', 'on'],
  'only deleted': ['gone'],
  'deleted and disabled': ['gone', 'off'],
};
const ROUNDS = 4;

describe('the list of applications, narrowed by their endpoints', () => {
  let app: TestApp;
  let svix: Svix;
  /** The kind of each application, oldest first. */
  const kinds = new Map<string, string>();

  beforeAll(async () => {
    app = await startApp();
    const token = app.tokenFor(randomOrgId());
    svix = app.svix(token);
    const tenant = { api: app.as(token) };
    for (let round = 0; round < ROUNDS; round++) {
      for (const [kind, endpoints] of Object.entries(KINDS)) {
        const { id } = await anApplication(tenant);
        kinds.set(id, kind);
        for (const one of endpoints) {
          const endpoint = await anEndpoint(tenant, id, { disabled: one === 'off' });
          if (one === 'gone') await svix.endpoint.delete(id, endpoint.id);
        }
      }
    }
    const deleted = await anApplication(tenant);
    await anEndpoint(tenant, deleted.id);
    await svix.application.delete(deleted.id);
    const strange = { api: app.as(app.tokenFor(randomOrgId())) };
    await anEndpoint(strange, (await anApplication(strange)).id);
  });
  afterAll(() => app?.stop());

  const ofKinds = (...wanted: string[]) => [...kinds].filter(([, kind]) => wanted.includes(kind)).map(([id]) => id);
  const walked = async (options: object, order = Ordering.Ascending): Promise<{ ids: string[]; sizes: number[] }> => {
    const ids = [];
    const sizes = [];
    for (let iterator: string | null | undefined, done = false; !done;) {
      const page = await svix.application.list({ ...options, limit: 3, order, iterator });
      ids.push(...page.data.map(({ id }) => id));
      sizes.push(page.data.length);
      ({ iterator, done } = page);
    }
    return { ids, sizes };
  };

  it('has all of them as long as nothing is left out', async () => {
    expect((await walked({})).ids).toEqual([...kinds.keys()]);
    expect((await walked({ excludeAppsWithNoEndpoints: false, excludeAppsWithDisabledEndpoints: false })).ids).toEqual([
      ...kinds.keys(),
    ]);
  });

  const NO = { excludeAppsWithNoEndpoints: true };
  const DISABLED = { excludeAppsWithDisabledEndpoints: true };
  it.each<[string, object, string[]]>([
    ['those that have no endpoint', NO, ['enabled', 'disabled', 'mixed', 'deleted and disabled']],
    ['those whose endpoints are all disabled', DISABLED, ['none', 'enabled', 'mixed', 'only deleted']],
    ['both', { ...NO, ...DISABLED }, ['enabled', 'mixed']],
  ])('leaves out %s, with full pages in both orders and back', async (_what, options, left) => {
    const wanted = ofKinds(...left);
    const { ids, sizes } = await walked(options);

    expect(ids).toEqual(wanted);
    expect(sizes.slice(0, -1).every((size) => size === 3)).toBe(true);
    expect((await walked(options, Ordering.Descending)).ids).toEqual(wanted.toReversed());
    const first = await svix.application.list({ ...options, limit: 3 });
    const second = await svix.application.list({ ...options, limit: 3, iterator: first.iterator });
    const back = await svix.application.list({ ...options, limit: 3, iterator: second.prevIterator });
    expect(back.data).toEqual(first.data);
    expect(back.done).toBe(true);
  });

  it('is done with the last one that is not left out, whatever comes after it', async () => {
    const last = ofKinds('enabled', 'mixed').length;

    expect(await svix.application.list({ ...NO, ...DISABLED, limit: last })).toMatchObject({ done: true });
    expect(await svix.application.list({ ...NO, ...DISABLED, limit: last - 1 })).toMatchObject({ done: false });
  });

  it('refuses a filter that is neither true nor false', async () => {
    expect((await app.api.get('/app?exclude_apps_with_no_endpoints=maybe')).status).toBe(400);
  });
});
