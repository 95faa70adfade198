import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import type { Api } from '../support/api.js';
import { aMessage, anApplication, anEndpoint, randomOrgId } from '../support/factories.js';

let app: TestApp;
let operator: Api;
let strangers: Api;
const UNIQUE = newId('app_').slice(-10);
const NAME = `Acme_${UNIQUE} % Größe`;

beforeAll(async () => {
  app = await startApp();
  operator = app.as(app.operatorToken());
  strangers = app.as(app.tokenFor(randomOrgId()));
});
afterAll(() => app?.stop());

const search = async (q: string, api: Api = app.api) => (await api.get(`/search?q=${encodeURIComponent(q)}`)).body;
const idsOf = async (q: string, api?: Api) => (await search(q, api)).applications.map(({ id }: { id: string }) => id);

describe('an application', () => {
  let own: { id: string };
  const uid = `acme-${UNIQUE}`;

  beforeAll(async () => {
    own = await anApplication(app, { name: NAME, uid });
  });

  it('is found by its id', async () => {
    expect(await search(own.id)).toEqual({
      applications: [{ id: own.id, uid, name: NAME, orgId: app.orgId, createdAt: expect.any(String) }],
      endpoints: [],
      messages: [],
      complete: true,
    });
  });

  it.each([
    ['its uid', uid],
    ['the beginning of its uid', uid.slice(0, -2)],
    ['its name', NAME],
    ['the beginning of its name', NAME.slice(0, 12)],
    ['its name in small letters', NAME.slice(0, 16).toLowerCase()],
    ['its name in capitals', NAME.slice(0, 16).toUpperCase()],
    ['its name with spaces around', `  ${NAME} `],
  ])('is found by %s', async (_what, text) => {
    expect(await idsOf(text)).toEqual([own.id]);
    expect(await idsOf(text, operator)).toEqual([own.id]);
    expect(await idsOf(text, strangers)).toEqual([]);
  });

  it.each([
    ['the end of its name', NAME.slice(2)],
    ['a pattern', `Acme%${UNIQUE.slice(0, 3)}`],
    ['a pattern of one character', NAME.replace('_', '-')],
    ['a text behind its name', `${NAME} and more`],
  ])('is not found by %s', async (_what, text) => {
    expect(await idsOf(text)).toEqual([]);
  });

  it('comes before others if the text is its uid', async () => {
    const word = `first${UNIQUE}`.toLowerCase();
    const byName = await anApplication(app, { name: `${word} by name` });
    const byUid = await anApplication(app, { name: 'Z', uid: word });
    const longer = await anApplication(app, { name: word.toUpperCase(), uid: `${word}-2` });
    expect(await idsOf(word)).toEqual([byUid.id, longer.id, byName.id]);
  });

  it('that is deleted is not found', async () => {
    const { id } = await anApplication(app, { name: `Gone ${UNIQUE}`, uid: `gone-${UNIQUE}` });
    await app.api.delete(`/app/${id}`);
    for (const text of [id, `gone-${UNIQUE}`, `Gone ${UNIQUE}`]) expect(await idsOf(text)).toEqual([]);
  });

  it('is one of 20 at most', async () => {
    const names = Array.from({ length: 22 }, (_, n) => `Many ${UNIQUE} ${n}`);
    await Promise.all(names.map((name) => anApplication(app, { name })));
    expect(await idsOf(`many ${UNIQUE}`.slice(0, 8))).toHaveLength(20);
  });
});

describe('an endpoint', () => {
  it('is found by its id, without the path of its URL', async () => {
    const { id: appId } = await anApplication(app, { uid: `ep-${UNIQUE}`, name: 'Endpoints' });
    const url = 'http://127.0.0.1:9/secret-path?key=1';
    const { id } = await anEndpoint(app, appId, { url, description: 'Billing', disabled: true });

    const found = await search(id);

    expect(found).toEqual({
      applications: [],
      endpoints: [
        {
          id,
          uid: null,
          host: '127.0.0.1:9',
          description: 'Billing',
          disabled: true,
          appId,
          appUid: `ep-${UNIQUE}`,
          appName: 'Endpoints',
          orgId: app.orgId,
          createdAt: expect.any(String),
        },
      ],
      messages: [],
      complete: true,
    });
    expect((await search(id, operator)).endpoints).toHaveLength(1);
    expect((await search(id, strangers)).endpoints).toEqual([]);
  });

  it('that is deleted, or of a deleted application, is not found', async () => {
    const { id: appId } = await anApplication(app);
    const [one, other] = [await anEndpoint(app, appId), await anEndpoint(app, appId)];
    await app.api.delete(`/app/${appId}/endpoint/${one.id}`);
    expect([(await search(one.id)).endpoints, (await search(other.id)).endpoints.length]).toEqual([[], 1]);
    await app.api.delete(`/app/${appId}`);
    expect((await search(other.id)).endpoints).toEqual([]);
  });
});

describe.each([
  ['with a delivery', true],
  ['without a delivery', false],
])('a message %s', (_what, isDelivered) => {
  it('is found by its id', async () => {
    const uid = `msg${isDelivered}-${UNIQUE}`;
    const { id: appId } = await anApplication(app, { uid, name: 'Messages' });
    if (isDelivered) await anEndpoint(app, appId);
    const { id } = await aMessage(app, appId, { eventType: 'order.paid' });

    const found = await search(id);

    const place = { appId, appUid: uid, appName: 'Messages', orgId: app.orgId };
    expect(found).toEqual({
      applications: [],
      endpoints: [],
      messages: [{ id, eventType: 'order.paid', ...place, createdAt: expect.any(String) }],
      complete: true,
    });
    expect((await search(id, operator)).messages).toHaveLength(1);
    expect(await search(id, strangers)).toMatchObject({ messages: [], complete: true });
  });
});

describe('a text that is nobody’s', () => {
  it.each([
    newId('app_'),
    newId('ep_'),
    newId('msg_'),
    'app_',
    'msg_1',
    `nobody-${UNIQUE}`,
    "'; DROP TABLE application; --",
    '💥',
    '\ud800',
  ])('finds nothing: %j', async (text) => {
    const query = text === '\ud800' ? '%ED%A0%80' : encodeURIComponent(text);
    const { status, body } = await app.api.get(`/search?q=${query}`);
    expect([status, body]).toEqual([200, { applications: [], endpoints: [], messages: [], complete: true }]);
  });

  it.each([
    ['', 400],
    ['?q=', 422],
    ['?q=%20', 422],
    ['?q=a%00b', 422],
    [`?q=${'x'.repeat(257)}`, 422],
    ['?q=a&q=b', 400],
  ])('can not be searched: %.20s', async (query, status) => {
    expect((await app.api.get(`/search${query}`)).status).toBe(status);
  });
});

describe('a customer’s own token', () => {
  it('does not search', async () => {
    const { id } = await anApplication(app);
    expect((await app.as(app.appTokenFor(id)).get('/search?q=a')).status).toBe(403);
  });
});
