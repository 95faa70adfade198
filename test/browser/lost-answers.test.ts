import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { aMessage, anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { expectGone, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;

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

/** The server does what the first POST to such a path asks for, and its answer is lost: the page gets a 503. */
async function loseFirstAnswer(page: Page, path: string): Promise<void> {
  stage.expectStatus(503);
  let lost = 0;
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 0) return route.continue();
    await route.fetch();
    return route.fulfill({ status: 503, body: '' });
  });
}

it('the secret of an API key is replaced once, so the one that is in use goes on', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  const key = (await stage.app.as(token).post('/auth/api-token', { name: 'In use' })).body.token;
  const page = await stage.console('/keys', { token });
  await loseFirstAnswer(page, '**/api/v1/auth/api-token/*/rotate');
  await page.getByRole('button', { name: /^Actions/ }).click();
  await page.getByRole('menuitem', { name: /^Replace/ }).click();
  const replace = page.getByRole('alertdialog').getByRole('button', { name: /^Replace/ });
  await replace.click();
  await expectShown(page.getByText('The server can not do this right now'));
  await replace.click();

  await expectGone(page.getByRole('alertdialog'));
  expect((await stage.app.as(key).get('/app')).status).toBe(200);
});

it('a message is sent again once', async () => {
  const app = await anApplication(stage.app);
  await anEndpoint(stage.app, app.id, { url: receiver.url });
  const { id } = await aMessage(stage.app, app.id);
  await receiver.waitFor((received) => received.some(({ headers }) => headers['webhook-id'] === id));
  const page = await stage.portal(app.id, `/messages/${id}`);
  await loseFirstAnswer(page, '**/resend');
  const again = page.getByRole('button', { name: 'Send again' }).first();
  await again.click();
  await expectShown(page.getByText('The server can not do this right now').first());
  await again.click();

  const attempts = async () => (await stage.app.api.get(`/app/${app.id}/attempt/msg/${id}`)).body.data.length;
  await until(async () => (await attempts()) >= 2, WAIT_MS, 'the second attempt');
  await expectGone(page.getByText('The server can not do this right now'));
  expect(await attempts()).toBe(2);
});
