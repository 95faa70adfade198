import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { randomOrgId } from '../support/factories.js';
import { until } from '../support/until.js';
import { expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

it('an event type whose description is changed keeps its schemas as they were written', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  const schema = '{"1":{"maximum":9007199254740993,"examples":[{"b":9007199254740993,"10":1,"2":3}]}}';
  await fetch(`${stage.app.url}/api/v1/event-type`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: `{"name":"large.number","description":"before","schemas":${schema}}`,
  });
  const page = await stage.console('/event-types?edit=large.number', { token });
  await page
    .getByRole('dialog')
    .getByRole('textbox', { name: /^Description/ })
    .fill('after');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();

  const read = async () => {
    const answer = await fetch(`${stage.app.url}/api/v1/event-type/large.number`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return answer.text();
  };
  const text = await until(
    async () => (await read()).includes('"after"') && (await read()),
    WAIT_MS,
    'the description to be changed',
  );
  expect(text).toContain(schema);
});

it('an application is made once, also if the answer to the form was lost', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  const page = await stage.console('/applications?new=1', { token });
  stage.expectStatus(503);
  let lost = 0;
  await page.route('**/api/v1/app', async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 0) return route.continue();
    await route.fetch();
    return route.fulfill({ status: 503, body: '' });
  });
  await page.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).fill('Twice Ltd');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await expectShown(page.getByText('The server can not do this right now'));
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();

  await until(() => !page.url().includes('new=1'), WAIT_MS, 'the form to be closed');
  expect((await stage.app.as(token).get('/app')).body.data).toHaveLength(1);
});

it('what was typed into an event type is there again after Escape; Cancel forgets it', async () => {
  const page = await stage.console('/event-types', { token: stage.app.tokenFor(randomOrgId()) });
  const open = () => page.getByRole('main').getByRole('button', { name: 'Add event type' }).first().click();
  const description = page.getByRole('dialog').getByRole('textbox', { name: /^Description/ });
  await open();
  await description.fill('a long text');
  await page.keyboard.press('Escape');
  await open();
  expect(await description.inputValue()).toBe('a long text');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await open();

  expect(await description.inputValue()).toBe('');
});

it('an operational webhook is told of a refused port before anything is sent', async () => {
  const page = await stage.console('/operational-webhooks?new=1', { token: stage.app.tokenFor(randomOrgId()) });
  await page.getByRole('dialog').getByRole('textbox', { name: /^URL/ }).fill('https://example.com:6000/');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();

  await expectShown(page.getByRole('alert').filter({ hasText: 'Choose another port: 6000' }));
});
