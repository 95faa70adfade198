import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { anApplication } from '../support/factories.js';
import { until } from '../support/until.js';
import { barriers } from './support/axe.js';
import { expectGone, expectShown, overhang } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 10_000;
const GUIDES = ['first-webhook', 'verify-webhooks'];
const LIST = '/docs#/Application/v1.application.list';
const CREATE = '/docs#/Application/v1.application.create';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

const opened = async (path: string, look = {}) => {
  const page = await stage.browser.open(`${stage.app.url}${path}`, look);
  await page.getByRole('heading', { level: 1 }).waitFor();
  if (!path.includes('docs/')) await page.locator('.opblock-tag').first().waitFor();
  return page;
};
const stored = () => ({ stored: { 'posthorn.console': stage.app.token } });

describe('the reference', () => {
  it('opens the operation that its address names', async () => {
    await expectShown((await opened(LIST)).getByRole('button', { name: 'Try it out' }));
  });

  it('asks this server, with a token that was given to it', async () => {
    const { name } = await anApplication(stage.app);
    stage.keepSecret(stage.app.token);
    const page = await opened(LIST);
    await page.getByRole('button', { name: 'Authorize' }).click();
    await page.locator('.auth-container input').fill(stage.app.token);
    await page.getByRole('button', { name: 'Apply credentials' }).click();
    await page.getByRole('button', { name: 'Close' }).first().click();
    await page.getByRole('button', { name: 'Try it out' }).click();
    await page.getByRole('button', { name: 'Execute' }).click();

    await expectShown(page.locator('.live-responses-table').getByText(name).first());
  });

  it('takes the token of the console in its tab, and a body that can be sent as it is', async () => {
    const page = await opened(CREATE, stored());
    await page.getByRole('button', { name: 'Try it out' }).click();
    expect(JSON.parse(await page.getByRole('textbox', { name: 'Request body' }).inputValue())).toEqual({ name: 'Acme' });
    await page.getByRole('button', { name: 'Execute' }).click();

    await expectShown(page.locator('.live-responses-table .response-col_status').getByText('201'));
    expect((await stage.app.api.get('/app')).body.data.map(({ name }: { name: string }) => name)).toContain('Acme');
  });

  it('finds operations by words of what they do', async () => {
    const page = await opened('/docs');
    await expectShown(page.getByText('Press "Authorize" and give a token before you try an operation.'));
    await page.locator('.operation-filter-input').fill('link to the portal');

    const tags = page.locator('.opblock-tag');
    await until(async () => (await tags.count()) === 1, WAIT_MS, 'one tag alone');
    await tags.click();
    await expectShown(page.getByText('Get a link to the portal, and a token for one application'));
  });

  it('says so where no operation is found, and finds again', async () => {
    const page = await opened('/docs');
    const filter = page.locator('.operation-filter-input');
    await filter.fill('nothing like it');
    await expectShown(page.getByRole('status').getByText('No operation has these words'));
    await expectGone(page.locator('.webhooks'));
    await filter.fill('link to the portal');

    await until(async () => (await page.locator('.opblock-tag').count()) === 1, WAIT_MS, 'one tag alone');
  });

  it('follows a link to a group of operations', async () => {
    const page = await opened('/docs');
    await page.getByRole('link', { name: 'Event Type', exact: true }).first().click();

    await expectShown(page.getByText('List event types', { exact: true }));
  });
});

describe.each([
  ['light', false],
  ['dark', true],
])('in %s colours', (_name, dark) => {
  it.each(['/docs', CREATE, ...GUIDES.map((name) => `/docs/${name}`)])('%s can be used by all', async (path) => {
    const page = await opened(path, { dark, ...stored() });
    if (path === CREATE) await page.getByRole('button', { name: 'Try it out' }).click();

    expect(await barriers(page)).toEqual([]);
  });
});

it.each(['/docs', CREATE, ...GUIDES.map((name) => `/docs/${name}`)])(
  '%s is no wider than a window of 320 pixels',
  async (path) => {
    expect(await overhang(await opened(path, { width: 320, height: 640 }))).toBe(0);
  },
);
