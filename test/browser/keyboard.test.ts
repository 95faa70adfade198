import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { expectAddress, expectFocus, expectGone, expectShown, settled, tabTo } from './support/page.js';
import { until } from '../support/until.js';
import { Stage } from './support/stage.js';

const MOST_STOPS = 60;

const WAIT_MS = 10_000;

let stage: Stage;
let receiver: Receiver;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  receiver = await startReceiver();
  appId = (await anApplication(stage.app)).id;
});
afterEach(async () => {
  await receiver.stop();
  await stage.endTest();
});
afterAll(() => stage.stop());

describe('without a mouse', () => {
  it('an endpoint is made, and a test event sent to it', async () => {
    const page = await stage.portal(appId, '/endpoints');
    await settled(page);
    await tabTo(page, page.getByRole('button', { name: 'Add endpoint' }));
    await page.keyboard.press('Enter');
    const url = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    await tabTo(page, url);
    await page.keyboard.type(receiver.url);
    await tabTo(page, page.getByRole('button', { name: 'Create endpoint' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('button', { name: 'Send test event' }));
    await page.keyboard.press('Enter');

    await expectShown(page.getByText(/^It arrived: 200 after/));
    await receiver.got(1);
  });

  it('the content is reached by one key and Enter', async () => {
    const page = await stage.portal(appId, '/endpoints');
    await settled(page);
    await page.keyboard.press('Tab');
    await expectFocus(page.getByRole('link', { name: 'Skip to the content' }));
    await page.keyboard.press('Enter');
    await expectFocus(page.getByRole('main'));
    await page.keyboard.press('Tab');

    await expectFocus(page.getByRole('main').getByRole('button', { name: 'Add endpoint' }));
  });

  it('a page that is opened has the focus at its heading', async () => {
    const page = await stage.portal(appId);
    await settled(page);
    await tabTo(page, page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Messages' }));
    await page.keyboard.press('Enter');

    await expectFocus(page.getByRole('heading', { level: 1, name: 'Messages' }));
  });

  it('a dialog keeps the focus, is closed by Escape, and gives the focus back', async () => {
    const { url } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, '/endpoints');
    await settled(page);
    const menu = page.getByRole('button', { name: `Actions for ${url}` });
    await tabTo(page, menu);
    await page.keyboard.press('Enter');
    await expectShown(page.getByRole('menuitem', { name: 'Delete' }));
    await page.keyboard.press('End');
    await expectFocus(page.getByRole('menuitem', { name: 'Delete' }));
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('alertdialog', { name: 'Delete this endpoint?' });
    const hasFocusIn = () => dialog.evaluate((element: any) => element.contains(element.ownerDocument.activeElement));
    // A window takes the focus a moment after it is seen.
    await until(hasFocusIn, WAIT_MS, 'the focus to be in the window');
    for (let pressed = 0; pressed < 5; pressed++) {
      await page.keyboard.press('Tab');
      // At either end it is led back within a frame; it is never on the page behind.
      expect(await page.evaluate(`document.getElementById('root').contains(document.activeElement)`)).toBe(false);
      await until(hasFocusIn, WAIT_MS, 'the focus to be led back');
    }
    await page.keyboard.press('Escape');

    await expectGone(dialog);
    await expectFocus(menu);
  });

  it('the parts of a page are changed by the arrow keys', async () => {
    const { id } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, `/endpoints/${id}`);
    await settled(page);
    await tabTo(page, page.getByRole('tab', { name: 'Overview' }));
    await page.keyboard.press('ArrowRight');
    await expectFocus(page.getByRole('tab', { name: 'Attempts' }));
    await page.keyboard.press('Enter');

    await expectAddress(page, 'tab', 'attempts');
    await expectShown(page.getByRole('tabpanel', { name: 'Attempts' }));
  });

  it('somebody signs in to the console, and finds a message', async () => {
    stage.keepSecret(stage.app.token);
    const page = await stage.browser.open(`${stage.app.url}/console`);
    await tabTo(page, page.getByLabel('Token or API key'));
    await page.keyboard.insertText(stage.app.token);
    await page.keyboard.press('Enter');
    await expectShown(page.getByRole('heading', { level: 1, name: 'Health' }));
    await tabTo(page, page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search' }));
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('searchbox', { name: 'Id, uid or name' }));
    await page.keyboard.insertText((await aMessage(stage.app, appId)).id);
    await page.keyboard.press('Enter');
    await tabTo(page, page.getByRole('link', { name: 'See its story' }));
    await page.keyboard.press('Enter');

    await expectShown(page.getByRole('list', { name: 'Story of the message' }));
  });
});

/** What the focus comes by, from the top of a page to its end: what has no mark that the eye can see. */
async function unmarkedStops(page: Page): Promise<string[]> {
  const unmarked = new Set<string>();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press('Tab');
    const found = await page.evaluate<string | null>(FOCUSED);
    if (found === null) break;
    if (found !== '') unmarked.add(found);
  }
  return [...unmarked];
}

/** Null: nothing has the focus. Empty: it is marked, or something around it is. */
const FOCUSED = `(() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const isMarked = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  };
  for (let element = focused, around = 0; element && around < 3; element = element.parentElement, around++)
    if (isMarked(element)) return '';
  return focused.outerHTML.slice(0, 200);
})()`;

describe('the focus can be seen wherever it is', () => {
  it.each<[page: string, path: (endpointId: string) => string]>([
    ['overview', () => '/'],
    ['endpoints', () => '/endpoints'],
    ['form of a new endpoint', () => '/endpoints?new=1'],
    ['endpoint', (id) => `/endpoints/${id}`],
    ['attempts', (id) => `/endpoints/${id}?tab=attempts`],
    ['settings', (id) => `/endpoints/${id}?tab=settings`],
    ['messages', () => '/messages'],
    ['verify', () => '/verify'],
  ])('%s', async (_page, path) => {
    const { id } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, path(id));
    await settled(page);

    expect(await unmarkedStops(page)).toEqual([]);
  });
});
