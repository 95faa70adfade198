import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { expectShown, overhang, settled } from './support/page.js';
import { Stage } from './support/stage.js';

/** More than the suggestions of a field have. */
const MANY = 2_005;
const AT_ONCE = 10;
const MOST_DRAWN = 100;

let stage: Stage;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  stage = await Stage.start();
});
afterEach(() => stage.endTest());
afterAll(async () => {
  await stage?.stop();
  await receiver?.stop();
});

/** Opens the portal of an application of a new organisation, in which `make` has made something. */
async function opened(path: string, make: (org: Owner, appId: string) => Promise<string | void>, width = 1280): Promise<Page> {
  const org = { api: stage.app.as(stage.app.tokenFor(randomOrgId())) };
  const { id } = await anApplication(org);
  const made = await make(org, id);
  const { body } = await org.api.post(`/auth/app-portal-access/${id}`, {});
  stage.keepSecret(body.token);
  const url = `${stage.app.url}/portal${path}`.replace(':made', made ?? '');
  const page = await stage.browser.open(`${url}#token=${body.token}`, { width });
  await settled(page);
  return page;
}
type Owner = Parameters<typeof anApplication>[0];

describe('a catalogue of thousands of event types', () => {
  const names = Array.from({ length: MANY }, (_, n) => `order.event${String(n).padStart(4, '0')}`);
  const schemas = { 1: { examples: [{ order: 42 }] } };
  const makeMany = async ({ api }: Owner) => {
    const left = [...names];
    const makeNext = async (): Promise<void> => {
      for (let name = left.pop(); name !== undefined; name = left.pop())
        await api.post('/event-type', { name, description: 'Of an order', groupName: 'Orders', schemas });
    };
    await Promise.all(Array.from({ length: AT_ONCE }, makeNext));
  };

  it('draws only those in sight, and says how many endpoints get each', async () => {
    const page = await opened('/event-types', async (org, appId) => {
      await makeMany(org);
      await anEndpoint(org, appId, { eventTypes: [names[0]] });
    });

    await expectShown(page.getByText('2,005 event types'));
    await expectShown(page.getByRole('row', { name: /order\.event0000/ }).getByText('1 endpoint'));
    expect(await page.getByRole('row').count()).toBeLessThan(MOST_DRAWN);
    await page.getByRole('searchbox', { name: 'Search event types' }).fill('event2004');
    await page.getByRole('link', { name: 'order.event2004' }).click();
    await expectShown(page.getByRole('heading', { level: 1, name: 'order.event2004' }));
  });

  it('lets each of them be tested, and chosen for an endpoint', async () => {
    const page = await opened('/endpoints/:made?tab=testing', async (org, appId) => {
      await makeMany(org);
      return (await anEndpoint(org, appId, { url: receiver.url })).id;
    });
    await page.getByRole('combobox', { name: 'Event type' }).fill('order.event2004');
    await page.getByRole('button', { name: 'Send test event' }).click();
    await expectShown(page.getByText(/^It arrived/));
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('combobox', { name: 'Event types' }).fill('order.event2004');

    await expectShown(page.getByRole('option', { name: 'Add "order.event2004"' }));
  });
});

it('a group whose name has no place to break at fits into a narrow window', async () => {
  const page = await opened(
    '/event-types',
    async ({ api }) => void (await api.post('/event-type', { name: 'order.paid', description: '', groupName: 'g'.repeat(256) })),
    320,
  );

  await expectShown(page.getByRole('heading', { level: 2 }));
  expect(await overhang(page)).toBe(0);
});

it('an example is shown as it was written, with all digits', async () => {
  const source = '{"type":"object","maximum":9007199254740993123,"examples":[{"id":9007199254740993123,"price":1.50}]}';
  const page = await opened('/event-types/order.paid', async ({ api }) => {
    const body = `{"name":"order.paid","description":"","schemas":{"1":${source}}}`;
    await api.raw('post', '/event-type', { headers: { 'content-type': 'application/json' }, body });
  });
  await page.getByRole('tab', { name: 'Example' }).click();
  expect(await page.getByLabel('example payload', { exact: true }).textContent()).toBe(
    '{\n  "id": 9007199254740993123,\n  "price": 1.50\n}',
  );
  await page.getByRole('tab', { name: 'JSON schema' }).click();

  await expectShown(page.getByLabel('JSON schema', { exact: true }).getByText('9007199254740993123').first());
});

it('a schema of a few lines that stands for billions of fields does not hold the page up', async () => {
  const fields = (next: string) =>
    Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, { $ref: `#/definitions/${next}` }]));
  const definitions = Object.fromEntries(
    Array.from({ length: 12 }, (_, n) => [`d${n}`, n === 11 ? { type: 'string' } : { properties: fields(`d${n + 1}`) }]),
  );
  const node = { type: 'array', items: { $ref: '#/definitions/node' } };
  const properties = { ...fields('d0'), tree: node, share: { $ref: '#/definitions/100%' } };
  const schema = { type: 'object', properties, definitions: { ...definitions, node, '100%': { type: 'number' } } };
  const page = await opened('/event-types/order.paid', async ({ api }) => {
    const { status } = await api.post('/event-type', { name: 'order.paid', description: '', schemas: { 1: schema } });
    expect(status).toBe(201);
  });

  await expectShown(page.getByText('list of list of as above'));
  await expectShown(page.getByRole('region', { name: 'Fields of the payload' }).getByText('share'));
  await page.getByRole('tab', { name: 'Example' }).click();
  await expectShown(page.getByLabel('example payload', { exact: true }));
});
