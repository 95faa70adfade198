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

  it('a page that is missing is there after a new load, with what was typed into a form before', async () => {
    const page = await stage.portal(appId, '/endpoints?new=1');
    const field = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    await field.fill('https://example.com/typed');
    await page.keyboard.press('Escape');
    const missed = await missing(page, '**/portal/assets/messages.page-*.js', 2);
    await page.getByRole('link', { name: 'Messages' }).click();
    await expectShown(page.getByRole('heading', { level: 1, name: 'Messages' }));
    expect(missed()).toBe(2);
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await settled(page);
    await page.getByRole('button', { name: 'Add endpoint' }).first().click();

    expect(await field.inputValue()).toBe('https://example.com/typed');
    expect(await page.evaluate<string>('JSON.stringify({ ...sessionStorage })')).not.toContain('typed');
  });
});

describe('while the server is away', () => {
  it('a page that was not loaded yet says so within the frame, and comes once the server is back', async () => {
    const page = await stage.portal(appId);
    await settled(page);
    stage.expectStatus(503);
    await page.route('**/*', (route) => route.fulfill({ status: 503 }));
    await page.getByRole('link', { name: 'Event types' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'A part of this page could not be loaded' });
    await expectShown(alert);
    await alert.getByRole('button', { name: 'Try again' }).click();
    await expectShown(alert.getByText('The server does not answer. Try again in a minute.'));
    await expectShown(page.getByRole('navigation', { name: 'Main' }));
    await page.unroute('**/*');
    await alert.getByRole('button', { name: 'Try again' }).click();

    await expectShown(page.getByRole('heading', { level: 1, name: 'Event types' }));
  });
});
