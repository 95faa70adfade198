import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { expectAddress, expectGone, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;
const EVENT_TYPE = 'typed.paid';

let stage: Stage;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
  await stage.app.api.post('/event-type', { name: EVENT_TYPE, description: 'A bill was paid' });
});
beforeEach(async () => {
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

const endpoints = async () => (await stage.app.api.get(`/app/${appId}/endpoint`)).body.data;

describe('an event type that is typed, but not chosen', () => {
  const typed = async (text: string) => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^URL/ }).fill('http://127.0.0.1:9/hook');
    await dialog.getByRole('combobox', { name: 'Event types' }).pressSequentially(text);
    // While the list of the field is open, all else is hidden from readers of the screen, but not from the mouse.
    return { page, create: page.getByText('Create endpoint', { exact: true }) };
  };

  it.each(['a click on Create', 'the Tab key'])('is chosen by %s, if there is one of this name', async (by) => {
    const { page, create } = await typed(EVENT_TYPE);
    if (by === 'the Tab key') {
      await page.keyboard.press('Tab');
      await expectShown(page.getByRole('button', { name: `Remove ${EVENT_TYPE}` }));
    }
    await create.click();

    await until(async () => (await endpoints()).length === 1, WAIT_MS, 'the endpoint');
    expect((await endpoints())[0].eventTypes).toEqual([EVENT_TYPE]);
  });

  it('stays when another that was chosen is removed', async () => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    await page.getByText('More settings').click();
    const channels = page.getByRole('combobox', { name: 'Channels' });
    await channels.pressSequentially('eu');
    await page.keyboard.press('Enter');
    await channels.pressSequentially('us');
    await page.getByRole('button', { name: 'Remove eu' }).click();

    await expectGone(page.getByRole('button', { name: 'Remove eu' }));
    expect(await channels.inputValue()).toBe('us');
    await page.keyboard.press('Tab');
    await expectShown(page.getByRole('button', { name: 'Remove us' }));
  });

  it('stays with what is chosen when Escape closes the form', async () => {
    const page = await stage.portal(appId, '/endpoints');
    const open = () => page.getByRole('button', { name: 'Add endpoint' }).first().click();
    const channels = page.getByRole('combobox', { name: 'Channels' });
    await open();
    await page.getByText('More settings').click();
    await channels.pressSequentially('eu');
    await page.keyboard.press('Tab');
    await channels.pressSequentially('u');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await expectGone(page.getByRole('dialog'));
    await open();
    await page.getByText('More settings').click();

    await expectShown(page.getByRole('button', { name: 'Remove eu' }));
    expect(await channels.inputValue()).toBe('u');
  });

  it('is no problem if it is chosen already', async () => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    await page.getByText('More settings').click();
    const channels = page.getByRole('combobox', { name: 'Channels' });
    for (let times = 0; times < 2; times++) {
      await channels.pressSequentially('eu');
      await page.keyboard.press('Tab');
      await until(async () => (await channels.inputValue()) === '', WAIT_MS, 'the channel to be chosen');
    }

    expect(await page.getByRole('button', { name: 'Remove eu' }).count()).toBe(1);
    expect(await page.getByText('is not chosen').count()).toBe(0);
  });

  it('is told, and no endpoint is made that would get everything', async () => {
    const { page, create } = await typed('typed.pai');
    await create.click();
    await expectShown(page.getByText('“typed.pai” is not chosen'));
    expect(await endpoints()).toEqual([]);
    await page.getByRole('combobox', { name: 'Event types' }).fill('');
    await create.click();

    await until(async () => (await endpoints()).length === 1, WAIT_MS, 'the endpoint');
  });
});

it.each(['the portal', 'the console'])('a search of %s keeps all that is typed, however quickly and wherever', async (place) => {
  await anEndpoint(stage.app, appId);
  const page = await (place === 'the portal' ? stage.portal(appId, '/endpoints') : stage.console('/event-types'));
  const search = page.getByRole('searchbox').first();
  await search.pressSequentially('the brown fox');
  for (let at = 0; at < 'brown fox'.length; at++) await page.keyboard.press('ArrowLeft');
  await search.pressSequentially('quick ', { delay: 60 });

  expect(await search.inputValue()).toBe('the quick brown fox');
  await expectAddress(page, 'q', 'the quick brown fox');
});

it('settings that are being saved can not be discarded', async () => {
  const { id } = await anEndpoint(stage.app, appId);
  const page = await stage.portal(appId, `/endpoints/${id}?tab=settings`);
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route(`**/endpoint/${id}`, async (route) => {
    if (route.request().method() === 'PATCH') await held;
    await route.continue();
  });
  await page.getByRole('textbox', { name: 'Description' }).fill('of the warehouse');
  await page.getByRole('button', { name: 'Save' }).click();
  const discard = page.getByRole('button', { name: 'Discard' });
  await until(async () => (await discard.getAttribute('aria-disabled')) === 'true', WAIT_MS, 'Discard to be refused');
  answer();

  await expectGone(discard);
  expect((await endpoints())[0].description).toBe('of the warehouse');
});

it('an endpoint is made once, also if the page was left before the answer came', async () => {
  const page = await stage.portal(appId, '/endpoints');
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/endpoint', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch();
    await held;
    return route.fulfill({ response });
  });
  const create = page.getByRole('button', { name: 'Create endpoint' });
  await page.getByRole('button', { name: 'Add endpoint' }).first().click();
  await page.getByRole('textbox', { name: /^URL/ }).fill('http://127.0.0.1:9/hook');
  await create.click();
  await until(async () => (await endpoints()).length === 1, WAIT_MS, 'the endpoint');
  await page.goBack();
  await expectGone(create);
  const came = page.waitForResponse((response) => response.request().method() === 'POST');
  answer();
  await came;
  await page.goForward();
  await create.click();

  await expectShown(page.getByRole('heading', { level: 1, name: 'http://127.0.0.1:9/hook' }));
  expect(await endpoints()).toHaveLength(1);
});
