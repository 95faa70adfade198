import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anApplication, anEndpoint } from '../support/factories.js';
import { CONSOLE_PAGES, PORTAL_PAGES, type AnyPage } from './support/all-pages.js';
import { barriers } from './support/axe.js';
import { LIVELY_SETTINGS, makeLively, type Lively } from './support/lively.js';
import { openPage } from './support/open-page.js';
import { expectShown, lostColumns, overhang, settled, shifts } from './support/page.js';
import { Stage } from './support/stage.js';

const NARROW = { width: 320, height: 640 };
/** A tenth of what the web calls good. 1: all that is in the window moves by its whole height. */
const MOST_SHIFT = 0.01;

let stage: Stage;
let made: Lively;

beforeAll(async () => {
  stage = await Stage.start(LIVELY_SETTINGS);
  made = await makeLively(stage.app);
});
afterAll(async () => {
  await made?.receiver.stop();
  await stage?.stop();
});

const PAGES: [place: 'portal' | 'console', name: string, page: AnyPage][] = [
  ...PORTAL_PAGES.map((page): [place: 'portal', name: string, page: AnyPage] => ['portal', page.name, page]),
  ...CONSOLE_PAGES.map((page): [place: 'console', name: string, page: AnyPage] => ['console', page.name, page]),
];

describe.each(PAGES)('%s: %s', (place, _name, page) => {
  let opened: Page;

  beforeAll(async () => {
    opened = await openPage(stage, place, page, made);
  });

  it('moves nothing while it loads', async () => {
    const moved = await shifts(opened);

    expect(sumOf(moved) > MOST_SHIFT ? moved : []).toEqual([]);
  });

  it('has nothing that keeps people from using it, in light colours', async () => {
    expect(await barriers(opened)).toEqual([]);
  });

  it('has nothing that keeps people from using it, in dark colours', async () => {
    await opened.emulateMedia({ colorScheme: 'dark' });
    await opened.locator('html[data-theme=dark]').waitFor();

    expect(await barriers(opened)).toEqual([]);
  });

  afterAll(() => stage.endTest());
});

describe('is no wider than the window, in one of 320 pixels, and leaves room to each column', () => {
  afterEach(() => stage.endTest());

  it.each(PAGES)('%s: %s', async (place, _name, page) => {
    const opened = await openPage(stage, place, page, made, NARROW);
    expect([await overhang(opened), await lostColumns(opened)]).toEqual([0, []]);
  });

  it('portal: verify, with an endpoint whose URL is long', async () => {
    const appId = (await anApplication(stage.app)).id;
    await anEndpoint(stage.app, appId, { url: `http://127.0.0.1:9000/${'a-long-part-of-a-path/'.repeat(8)}` });
    const page = await stage.portal(appId, '/verify', NARROW);
    await settled(page);

    expect(await overhang(page)).toBe(0);
    await expectShown(page.getByText('app.listen(9000)'));
  });

  it('console: sign-in', async () => {
    const page = await stage.browser.open(`${stage.app.url}/console`, NARROW);
    await settled(page);

    expect(await overhang(page)).toBe(0);
  });
});

describe('the page without a key', () => {
  afterEach(() => stage.endTest());

  it.each([false, true])('of the console has nothing that keeps people from signing in (dark: %s)', async (dark) => {
    const page = await stage.browser.open(`${stage.app.url}/console`, { dark });
    await settled(page);

    expect(await barriers(page)).toEqual([]);
  });

  it.each([false, true])('of the portal can be read by all (dark: %s)', async (dark) => {
    const page = await stage.browser.open(`${stage.app.url}/portal`, { dark });
    await expectShown(page.getByText('This page needs a link'));

    expect(await barriers(page)).toEqual([]);
  });
});

describe('every page', () => {
  afterEach(() => stage.endTest());

  it('takes the colours of the device in one step, also where less motion is asked for', async () => {
    const page = await openPage(
      stage,
      'portal',
      PORTAL_PAGES.find(({ name }) => name === 'endpoints')!,
      made,
    );
    await page.evaluate(
      `changing = []; document.addEventListener('transitionrun', (event) => changing.push(event.propertyName))`,
    );
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.locator('html[data-theme=dark]').waitFor();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');

    // However short one is at the root, it is one at each element that takes its colour, a frame later for each level.
    expect(await page.evaluate('changing')).toEqual([]);
  });

  it('has a title of its own', async () => {
    const titles = new Map<string, string[]>();
    for (const page of PORTAL_PAGES.filter(({ path }) => !path(made).includes('?'))) {
      const title = await (await openPage(stage, 'portal', page, made)).title();
      titles.set(title, [...(titles.get(title) ?? []), page.name]);
    }

    expect([...titles].filter(([, names]) => names.length > 1)).toEqual([]);
  });
});

const sumOf = (moved: readonly { value: number }[]) => moved.reduce((all, { value }) => all + value, 0);
