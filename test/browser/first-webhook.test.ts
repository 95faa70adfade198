import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { expectAddress, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

/** Long enough to be seen. */
const SLOW_MS = 3_000;

let stage: Stage;
let receiver: Receiver;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  receiver = await startReceiver(() => ({ status: 200, body: 'thank you' }));
  appId = (await anApplication(stage.app)).id;
});
afterEach(async () => {
  await receiver.stop();
  await stage.endTest();
});
afterAll(() => stage.stop());

const endpoints = async () => (await stage.app.api.get(`/app/${appId}/endpoint`)).body.data;

describe('whoever opens the portal for the first time', () => {
  it('is told what is missing, and led to the form for it', async () => {
    const page = await stage.portal(appId);
    await expectShown(page.getByText('No endpoint yet'));
    await page.getByRole('link', { name: 'Add endpoint' }).click();

    await expectShown(page.getByRole('dialog', { name: 'Add an endpoint' }));
  });

  it('makes an endpoint with its URL alone, and is where a test event is sent from', async () => {
    const page = await stage.portal(appId, '/endpoints');
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: /^URL/ }).fill(receiver.url);
    await page.getByRole('button', { name: 'Create endpoint' }).click();

    await expectShown(page.getByRole('heading', { level: 1, name: receiver.url }));
    await expectShown(page.getByRole('button', { name: 'Send test event' }));
    expect(await endpoints()).toEqual([expect.objectContaining({ url: receiver.url, disabled: false, eventTypes: null })]);
  });

  it.each([
    ['that is none', 'my server', 'The URL must be absolute, such as https://example.com/webhooks'],
    ['with a space in its host', 'https://exa mple.com/', 'The URL must be absolute, such as https://example.com/webhooks'],
    ['of another protocol', 'ftp://example.com/', 'The URL must start with https:// or http://'],
    [
      'with the port of another protocol',
      'https://example.com:6000/',
      'Choose another port: 6000 belongs to another protocol than HTTP, and nothing is sent to it',
    ],
  ])('is told of a URL %s before anything is sent', async (_what, url, problem) => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    await page.getByRole('dialog').getByRole('textbox', { name: /^URL/ }).fill(url);
    await page.getByRole('button', { name: 'Create endpoint' }).click();

    await expectShown(page.getByRole('alert').filter({ hasText: problem }));
    expect(await endpoints()).toEqual([]);
  });

  it('chooses event types out of the catalogue by a part of their name', async () => {
    for (const name of ['invoice.paid', 'invoice.voided', 'user.created'])
      await stage.app.api.post('/event-type', { name, description: `Tells of ${name}` });
    const page = await stage.portal(appId, '/endpoints?new=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^URL/ }).fill(receiver.url);
    await dialog.getByRole('combobox', { name: 'Event types' }).fill('voided');
    await page.getByRole('option', { name: /^invoice\.voided/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Create endpoint' }).click();
    await expectShown(page.getByRole('heading', { level: 1, name: receiver.url }));

    expect(await endpoints()).toEqual([expect.objectContaining({ eventTypes: ['invoice.voided'] })]);
  });
});

describe('a test event', () => {
  const testing = async (script?: Parameters<typeof startReceiver>[0]) => {
    if (script) {
      await receiver.stop();
      receiver = await startReceiver(script);
    }
    const { id } = await anEndpoint(stage.app, appId, { url: receiver.url });
    return { id, page: await stage.portal(appId, `/endpoints/${id}?tab=testing`) };
  };

  it('arrives while its sender watches, and shows what the endpoint has answered', async () => {
    const { page } = await testing();
    await page.getByRole('button', { name: 'Send test event' }).click();

    await expectShown(page.getByText(/^It arrived: 200 after/));
    await expectShown(page.getByRole('region', { name: 'Answer' }).getByText('thank you'));
    await expectShown(page.getByRole('region', { name: 'Request' }).getByText(`POST ${receiver.url}`));
    expect((await receiver.got(1))[0]!.headers['webhook-id']).toMatch(/^msg_/);
  });

  it('is waited for as long as the endpoint takes to answer', async () => {
    const { page } = await testing(() => ({ status: 204, delayMs: SLOW_MS }));
    await page.getByRole('button', { name: 'Send test event' }).click();

    await expectShown(page.getByText('Sent. Waiting for the answer …'));
    await expectShown(page.getByText(/^It arrived: 204 after/));
  });

  it('that fails says so, with the answer', async () => {
    const { page } = await testing(() => ({ status: 503, body: 'come back later' }));
    await page.getByRole('button', { name: 'Send test event' }).click();

    await expectShown(page.getByText(/^It did not arrive: 503 after/));
    await expectShown(page.getByRole('region', { name: 'Answer' }).getByText('come back later'));
  });

  it('is the example of the event type that was chosen, signed with the secret of the endpoint', async () => {
    const example = { order: 42, total: '12.50' };
    const schemas = { 1: { title: 'Order', type: 'object', examples: [example] } };
    await stage.app.api.post('/event-type', { name: 'order.shipped', description: 'An order is on its way.', schemas });
    const { id, page } = await testing();
    await page.getByRole('combobox', { name: 'Event type' }).fill('order.shipped');
    await page.getByRole('button', { name: 'Send test event' }).click();
    await expectShown(page.getByText(/^It arrived: 200 after/));

    const [{ headers, body }] = (await receiver.got(1)) as [Receiver['received'][number]];
    const { key } = (await stage.app.api.get(`/app/${appId}/endpoint/${id}/secret`)).body;
    expect(new Webhook(key).verify(body, headers as Record<string, string>)).toEqual(example);
  });

  it('leads to the story of its message', async () => {
    const { page } = await testing();
    await page.getByRole('button', { name: 'Send test event' }).click();
    await page.getByRole('link', { name: 'See the whole story of this message' }).click();

    await expectShown(page.getByRole('heading', { level: 1, name: 'svix.ping' }));
    await expectShown(page.getByText(/^Delivered at the first attempt, after/));
  });

  it('stays in the address, so that its answer can be shown to a colleague', async () => {
    const { page } = await testing();
    await page.getByRole('button', { name: 'Send test event' }).click();
    await expectShown(page.getByText(/^It arrived/));
    const [{ headers }] = (await receiver.got(1)) as [Receiver['received'][number]];
    await expectAddress(page, 'sent', headers['webhook-id'] as string);
    await page.reload();

    await expectShown(page.getByText(/^It arrived/));
  });
});
