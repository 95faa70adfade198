import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anApplication } from '../support/factories.js';
import { expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

let stage: Stage;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

/** Answers requests for these files as a build does that does not have them, so many times. Tells how often it did. */
async function missing(page: Page, files: string, times: number): Promise<() => number> {
  stage.expectStatus(404);
  let missed = 0;
  await page.route(files, (route) => (missed++ < times ? route.fulfill({ status: 404 }) : route.fallback()));
  return () => Math.min(missed, times);
}

describe('while a release is shifted, and the other build answers for a file', () => {
  it.each(['start-*.js', 'start-*.css'])('the portal is loaded again until it has %s', async (file) => {
    const page = await stage.portal(appId);
    await settled(page);
    const missed = await missing(page, `**/portal/assets/${file}`, 3);
    await page.reload();

    await expectShown(page.getByRole('heading', { level: 1, name: 'Overview' }));
    await settled(page);
    expect(missed()).toBe(3);
  });

  it('the token stays in the address until a script has taken it', async () => {
    const { url } = await stage.link(appId);
    const page = await stage.browser.open(`${stage.app.url}/docs`);
    await missing(page, '**/portal/assets/start-*.js', 2);
    await page.goto(url);

    await expectShown(page.getByRole('heading', { level: 1, name: 'Overview' }));
    expect(page.url()).toBe(`${stage.app.url}/portal`);
  });

  it('a file that nobody has is not asked for without end, and the page says so', async () => {
    const page = await stage.portal(appId);
    await settled(page);
    await missing(page, '**/portal/assets/start-*.js', Infinity);
    await page.reload();

    await expectShown(page.getByText('A part of this page is missing. Load it again in a minute.'));
  });
});
