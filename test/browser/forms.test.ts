import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { expectAddress, expectGone, expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

let stage: Stage;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

describe('what was typed is there again', () => {
  it('in the settings of an endpoint, after a look at another part and another page', async () => {
    const { id } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, `/endpoints/${id}?tab=settings`);
    const description = page.getByRole('textbox', { name: 'Description' });
    await description.fill('of the warehouse');
    await page.getByRole('tab', { name: 'Attempts' }).click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    expect(await description.inputValue()).toBe('of the warehouse');
    await page.getByRole('link', { name: 'Messages' }).click();
    await settled(page);
    await page.goBack();

    await expectShown(description);
    expect(await description.inputValue()).toBe('of the warehouse');
  });

  it('in the form of a new endpoint, after Escape; Cancel forgets it', async () => {
    const page = await stage.portal(appId, '/endpoints');
    const url = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    const open = () => page.getByRole('main').getByRole('button', { name: 'Add endpoint' }).first().click();
    await open();
    await url.fill('https://example.com/hook');
    await page.keyboard.press('Escape');
    await open();
    expect(await url.inputValue()).toBe('https://example.com/hook');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await open();

    expect(await url.inputValue()).toBe('');
  });
});

describe('what the server does not answer', () => {
  const COUNTED_MS = 3_000;

  it.each([
    ['an endpoint', 403, '**/state'],
    ['an endpoint', 503, '**/attempt/endpoint/**'],
  ])('is told on the page of %s (%i), and asked for again seldom', async (_name, status, path) => {
    stage.expectStatus(status);
    const { id } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, '/endpoints');
    await page.route(path, (route) => route.fulfill({ status, json: { code: 'faked', detail: 'faked' } }));
    await page.goto(`${stage.app.url}/portal/endpoints/${id}`);
    await expectShown(page.getByRole('alert').first());
    let asked = 0;
    page.on('request', () => asked++);
    await page.waitForTimeout(COUNTED_MS);

    expect(asked).toBeLessThan(10);
  });
});

describe('a window that has asked for a change', () => {
  it('stays until its end is known', async () => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/endpoint', async (route) => {
      if (route.request().method() === 'POST') await held;
      await route.fallback();
    });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^URL/ }).fill('https://example.com/hook');
    await dialog.getByRole('button', { name: 'Create endpoint' }).click();
    await page.keyboard.press('Escape');
    await expectShown(dialog);
    answer();

    await expectShown(page.getByText(/is created/));
  });
});

it('headers that were added elsewhere stay when others are saved', async () => {
  const { id } = await anEndpoint(stage.app, appId);
  const path = `/app/${appId}/endpoint/${id}/headers`;
  await stage.app.api.put(path, { headers: { 'X-A': 'one' } });
  const page = await stage.portal(appId, `/endpoints/${id}?tab=settings`);
  await page.getByRole('textbox', { name: 'Value of X-A' }).fill('two');
  await stage.app.api.patch(path, { headers: { 'X-B': 'other' } });
  // The page reads everything about the endpoint again.
  await page.getByRole('button', { name: 'Rotate …' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate', exact: true }).click();
  await expectGone(page.getByRole('dialog'));
  await settled(page);
  await page.getByRole('button', { name: 'Save' }).click();
  await expectGone(page.getByRole('button', { name: 'Save' }));

  expect((await stage.app.api.get(path)).body.headers).toEqual({ 'X-A': 'two', 'X-B': 'other' });
});

it('a filter that is no filter, but the name of something, is none', async () => {
  const { id } = await anEndpoint(stage.app, appId);
  const page = await stage.portal(appId, `/messages?time=constructor&endpoint=${id}&state=__proto__`);

  await expectShown(page.getByRole('heading', { level: 1, name: 'Messages' }));
  await settled(page);
  expect(await page.getByText('This did not work').count()).toBe(0);
});

it('a time of the filter of messages is edited by the keys, part by part', async () => {
  const page = await stage.portal(appId, '/messages?time=range&from=2026-11-11T10:00:00.000Z');
  const from = page.getByLabel('From', { exact: true });
  await from.focus();
  // Day and month, in whichever order the browser shows them.
  for (let part = 0; part < 2; part++) {
    await page.keyboard.press('Backspace');
    expect(await from.inputValue()).toBe('');
    expect(page.url()).toContain('from=');
    await page.keyboard.type('05');
  }

  await expectAddress(page, 'from', '2026-05-05T09:00:00.000Z');
  expect(await from.inputValue()).toBe('2026-05-05T11:00');
  await from.fill('');
  await from.blur();
  await expectAddress(page, 'from', null);
});

it.each([
  ['above the list', 0],
  ['in the empty list', 1],
])('a filter that was typed a moment before all are cleared %s does not come back', async (_where, at) => {
  const page = await stage.portal(appId, '/messages?type=order.paid');
  const channel = page.getByLabel('Channel', { exact: true });
  const clear = page.getByRole('button', { name: 'Clear filters' }).nth(at);
  await expectShown(clear);
  await channel.fill('eu');
  await clear.click();
  await expectGone(clear);
  // Typed later, so its address comes after the other's would have.
  await page.getByLabel('Tag', { exact: true }).fill('urgent');

  await expectAddress(page, 'tag', 'urgent');
  await expectAddress(page, 'channel', null);
  expect(await channel.inputValue()).toBe('');
});
