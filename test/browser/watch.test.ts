import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { anApplication } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { settled } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 5_000;

let stage: Stage;
let appId: string;
let other: Receiver;

beforeAll(async () => {
  other = await startReceiver();
  stage = await Stage.start();
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(async () => {
  await stage?.stop();
  await other?.stop();
});

/** Lets a page do something, and answers what was noticed, once anything was. OTHER stands for the URL of another server. */
async function noticedAt(page: Page, script: string): Promise<string> {
  await settled(page);
  await page.evaluate(script.replaceAll('OTHER', other.url));
  const { watch } = stage.browser;
  const found: string[] = [];
  await until(() => found.push(...watch.take()) > 0, WAIT_MS, 'something to be noticed');
  found.push(...(await stage.faults()));
  return found.join('\n');
}

describe('a test fails', () => {
  it.each([
    ['a style within the document', `document.body.insertAdjacentHTML('beforeend', '<p style="color: red">')`],
    ['a script within the document', `document.body.append(Object.assign(document.createElement('script'), { text: '1' }))`],
    ['a text that is run as a script', `document.body.setAttribute('onclick', '1')`],
    ['a frame of another site', `document.body.append(Object.assign(document.createElement('iframe'), { src: 'OTHER' }))`],
    ['a request to another server', `void fetch('OTHER').catch(() => {})`],
  ])('if a page has %s', async (_what, script) => {
    expect(await noticedAt(await stage.portal(appId), script)).toContain('Content-Security-Policy: ');
  });

  it('if a request leaves the origin', async () => {
    const page = await stage.portal(appId);
    const link = `document.body.append(Object.assign(document.createElement('a'), { href: 'OTHER/', textContent: 'Away' }))`;
    await page.evaluate(link.replaceAll('OTHER', other.url));
    await page.getByRole('link', { name: 'Away', exact: true }).click();
    // A page that is closed while it is left may be neither closed nor left: Chromium loses the one or the other.
    await page.waitForURL(`${other.url}/`);

    expect((await stage.faults()).join('\n')).toContain(`A request leaves the origin: ${other.url}`);
  });

  it('if an error is not caught', async () => {
    const script = `void setTimeout(() => { throw new Error('nobody is there'); }, 0)`;
    expect(await noticedAt(await stage.portal(appId), script)).toContain('An error was not caught: Error: nobody is there');
  });

  it('if a page complains in the console', async () => {
    const page = await stage.portal(appId);
    expect(await noticedAt(page, `console.error('a key is missing')`)).toContain('The console has an error: a key is missing');
  });

  it('if a request is answered with an error that the test does not expect', async () => {
    const page = await stage.portal(appId);
    expect(await noticedAt(page, `void fetch('/api/v1/app')`)).toContain('status of 401');
  });

  it('if the token is in the URL of a request', async () => {
    const { token } = await stage.link(appId);
    const page = await stage.portal(appId);
    const noticed = await noticedAt(page, `void fetch('/portal/settings.json?token=${token}')`);
    expect(noticed).toContain('A secret is in the URL of a request: /portal/settings.json');
  });

  it('if the token is in the console', async () => {
    const { token } = await stage.link(appId);
    const page = await stage.portal(appId);
    expect(await noticedAt(page, `console.info('opened with ${token}')`)).toContain('A secret is in the console');
  });
});

it('an error that a test expects is no fault of the page', async () => {
  stage.expectStatus(401);
  const page = await stage.portal(appId);
  await settled(page);
  await page.evaluate(`fetch('/api/v1/app').then(() => {})`);

  expect(await stage.faults()).toEqual([]);
});
