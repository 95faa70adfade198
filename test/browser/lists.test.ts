import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;
const HOUR_MS = 3_600_000;
const PAGE = 50;

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

const send = async (amount: number) => {
  for (let sent = 0; sent < amount; sent++) await aMessage(stage.app, appId);
};
const rowsOf = (page: Page) => page.getByRole('table', { name: 'Messages' }).locator('tbody tr');

it('rows that are shown stay, however many new ones come', async () => {
  await send(PAGE + 10);
  const page = await stage.portal(appId, '/messages');
  const rows = rowsOf(page);
  await until(async () => (await rows.count()) === PAGE, WAIT_MS, 'a page of rows');
  const firstOf = () => rows.first().getByRole('link').getAttribute('href');
  const first = await firstOf();
  await page.getByRole('button', { name: 'Show more' }).scrollIntoViewIfNeeded();
  // Where the last row is in the window: the browser itself makes good for the button that comes above the list.
  const place = async () => (await rows.nth(PAGE - 1).boundingBox())!.y;
  const before = await place();
  for (const fresh of [30, 70]) {
    await send(fresh - (fresh === 70 ? 30 : 0));
    const button = page.getByRole('button', { name: new RegExp(`^Show ${fresh} new`) });
    await until(() => button.isVisible(), WAIT_MS * 2, `${fresh} new rows to wait`);
    expect(await rows.count()).toBeGreaterThanOrEqual(PAGE);
    expect(await firstOf()).toBe(first);
    expect(Math.abs((await place()) - before)).toBeLessThan(2);
  }
  await page.getByRole('button', { name: /^Show 70 new/ }).click();

  await until(async () => (await firstOf()) !== first, WAIT_MS, 'the newest row');
});

it('the page stays where it is when a list gets so long that only what is in sight is drawn', async () => {
  const page = await stage.portal(appId, '/');
  const row = (at: number) => ({ id: `msg_${9_999 - at}`, eventType: 'order.paid', timestamp: '2026-01-01T00:00:00Z' });
  await page.route('**/msg?*', (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get('iterator') ?? 0);
    const data = Array.from({ length: 520 }, (_, at) => row(from + at));
    return route.fulfill({ json: { data, done: false, iterator: String(from + 520) } });
  });
  await page.route('**/msg/*/endpoint?*', (route) => route.fulfill({ json: { data: [], done: true, iterator: null } }));
  await page.getByRole('link', { name: 'Messages', exact: true }).click();
  await until(async () => (await rowsOf(page).count()) === 520, WAIT_MS, 'the first rows');
  const more = page.getByRole('button', { name: 'Show more' });
  await more.scrollIntoViewIfNeeded();
  const before = await page.evaluate<number>('scrollY');
  await more.click();
  await until(async () => (await rowsOf(page).count()) < 500, WAIT_MS, 'the rows in sight alone');

  expect(await page.evaluate<number>('scrollY')).toBeGreaterThanOrEqual(before);
});

it.each([
  ['2 hours fast', 2 * HOUR_MS],
  ['26 hours fast', 26 * HOUR_MS],
  ['2 hours slow', -2 * HOUR_MS],
])('a page goes by the time of the server, on a device whose clock is %s', async (_name, ahead) => {
  await anEndpoint(stage.app, appId);
  await aMessage(stage.app, appId);
  const page = await stage.portal(appId, '/');
  await page.addInitScript(`const real = Date.now; Date.now = () => real() + ${ahead};`);
  await page.reload();
  await settled(page);
  expect(await page.getByText('are not counted yet').count()).toBe(0);
  await page.goto(`${stage.app.url}/portal/messages?time=1h`);

  await expectShown(
    rowsOf(page)
      .first()
      .getByText(/now|sec\. ago/)
      .last(),
  );
});

it('an answer that comes in a minute is no reason to say nothing until then', async () => {
  stage.expectStatus(503);
  const page = await stage.portal(appId, '/');
  await page.route('**/endpoint?*', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '60' }, body: '' }));
  await page.getByRole('link', { name: 'Endpoints' }).click();

  await expectShown(page.getByText('Try again in 60 s.'));
});

it('what is done to a row is told although the row is gone, and the focus is not lost with it', async () => {
  await anEndpoint(stage.app, appId, { url: 'http://127.0.0.1:9/one' });
  await anEndpoint(stage.app, appId, { url: 'http://127.0.0.1:9/two' });
  const page = await stage.portal(appId, '/endpoints?state=enabled');
  const choose = async (url: string, action: string) => {
    await page.getByRole('button', { name: `Actions for http://127.0.0.1:9/${url}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: action }).click();
  };
  const hasFocus = () => page.evaluate<boolean>("document.activeElement === document.querySelector('h1')");
  await choose('one', 'Delete');
  await expectShown(page.getByText('http://127.0.0.1:9/one is deleted').first());
  await until(hasFocus, WAIT_MS, 'the heading to have the focus');
  await page.getByRole('link', { name: 'http://127.0.0.1:9/two' }).focus();
  await choose('two', 'Disable');

  await expectShown(page.getByText('http://127.0.0.1:9/two is disabled').first());
  await until(hasFocus, WAIT_MS, 'the heading to have the focus');
});

it.each([
  [320, 640],
  [390, 844],
  [320, 256],
])('nothing that has the focus is behind the bar of a window of %s × %s', async (width, height) => {
  const { id } = await anEndpoint(stage.app, appId);
  const page = await stage.portal(appId, `/endpoints/${id}?tab=settings`, { width, height });
  await settled(page);
  const hidden = `(() => {
    const bar = document.querySelector('nav').getBoundingClientRect();
    const own = document.activeElement.getBoundingClientRect();
    const isOfBar = document.querySelector('nav').contains(document.activeElement);
    const isFixed = getComputedStyle(document.querySelector('nav')).position === 'fixed';
    return !isOfBar && isFixed && own.top >= bar.top ? document.activeElement.outerHTML : null;
  })()`;
  for (let presses = 0; presses < 45; presses++) {
    await page.keyboard.press('Tab');
    expect(await page.evaluate<string | null>(hidden)).toBeNull();
  }
});

it('a button that goes with what it does leaves the focus in the list, or at the heading', async () => {
  await send(PAGE + 1);
  const page = await stage.portal(appId, '/messages');
  const more = page.getByRole('button', { name: 'Show more' });
  await more.focus();
  await page.keyboard.press('Enter');
  await until(async () => (await rowsOf(page).count()) === PAGE + 1, WAIT_MS, 'the last page');
  const isAt = (selector: string) => () =>
    page.evaluate<boolean>(`document.activeElement === document.querySelector('${selector}')`);
  await until(isAt('tbody tr:last-child a'), WAIT_MS, 'the last row to have the focus');
  await page.goto(`${stage.app.url}/portal/messages?channel=none`);
  await page.getByRole('button', { name: 'Clear filters' }).first().focus();
  await page.keyboard.press('Enter');

  await until(isAt('h1'), WAIT_MS, 'the heading to have the focus');
});

it('a list of what waits has nothing that has arrived, however much is new in it', async () => {
  const page = await stage.portal(appId, '/');
  const { id } = await anEndpoint(stage.app, appId);
  const row = (at: number) => ({
    id: `msg_${at}`,
    eventType: 'order.paid',
    timestamp: '2026-01-01T00:00:00Z',
    statusText: 'sending',
  });
  let newest = 20;
  await page.route('**/msg?*', (route) => {
    const data = Array.from({ length: 20 }, (_, at) => row(1_000 + newest - at));
    return route.fulfill({ json: { data, done: false, iterator: data.at(-1)!.id } });
  });
  const href = () => rowsOf(page).first().getByRole('link').getAttribute('href');
  await page.goto(`${stage.app.url}/portal/messages?endpoint=${id}&state=waiting`);
  await until(async () => (await href())?.endsWith('msg_1020') ?? false, WAIT_MS, 'the first rows');
  newest = 100;

  await until(async () => (await href())?.endsWith('msg_1100') ?? false, WAIT_MS, 'those that wait now');
  expect(await rowsOf(page).getByRole('link', { name: 'msg_1020' }).count()).toBe(0);
});

it.each(['.', '..'])('the id %s is refused, and no step of the path', async (id) => {
  const page = await stage.portal(appId, '/messages');
  await page.getByLabel('Message id or event id').fill(id);
  await page.keyboard.press('Enter');

  await expectShown(page.getByText('No message can have this id'));
});
