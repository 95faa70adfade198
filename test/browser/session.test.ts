import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { claimsFor, signToken } from '../support/tokens.js';
import { expectGone, expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

const HOUR_SECONDS = 3_600;

let stage: Stage;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start({ LOG_LEVEL: 'trace', PORTAL_NAME: 'Acme Cloud' });
});
beforeEach(async () => {
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(() => stage.stop());

/** A token of the application that was good until an hour ago. */
function oldToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now - 2 * HOUR_SECONDS, nbf: now - 2 * HOUR_SECONDS, exp: now - HOUR_SECONDS };
  return signToken(stage.app.env['JWT_SECRET']!, { ...claimsFor({ sub: appId, org: stage.app.orgId }), ...times });
}

describe('the link to the portal', () => {
  it('opens it, and its token leaves the address at once', async () => {
    const { url, token } = await stage.link(appId);
    const page = await stage.browser.open(url);
    await expectShown(page.getByRole('heading', { level: 1, name: 'Overview' }));

    expect(page.url()).toBe(`${stage.app.url}/portal`);
    expect(await page.evaluate<string>('location.href + JSON.stringify(history.state)')).not.toContain(token);
  });

  it('is needed only once for a tab', async () => {
    const page = await stage.portal(appId, '/endpoints');
    await settled(page);
    await page.reload();

    await expectShown(page.getByText('No endpoint yet'));
  });

  it('is needed in another tab: its token is stored nowhere else', async () => {
    const page = await stage.portal(appId);
    await settled(page);
    const other = await page.context().newPage();
    await other.goto(`${stage.app.url}/portal`);

    await expectShown(other.getByText('This page needs a link'));
  });

  it('leaves no token in the URL of a request and in the log, wherever one goes', async () => {
    const { url, token } = await stage.link(appId);
    const page = await stage.browser.open(url);
    for (const name of ['Endpoints', 'Messages', 'Event types', 'Verify', 'Overview']) {
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
      await settled(page);
      expect(page.url()).not.toContain(token);
    }

    expect(stage.browser.watch.urls.length).toBeGreaterThan(10);
    expect(stage.browser.watch.urls.filter((requested) => requested.includes(token))).toEqual([]);
    expect(stage.app.log.some((line) => line.includes(appId))).toBe(true);
    expect(stage.app.log.filter((line) => line.includes(token))).toEqual([]);
  });
});

describe('a token that is no longer valid', () => {
  it('gives a page that says where to get another, and nothing else', async () => {
    stage.expectStatus(401);
    const page = await stage.browser.open(`${stage.app.url}/portal#token=${oldToken()}`);

    await expectShown(page.getByRole('alert').getByText('This page is no longer valid'));
    await expectShown(page.getByRole('alert').getByText('Open it again from Acme Cloud.'));
    expect(await page.getByRole('heading').count()).toBe(0);
  });

  it('is not used for further requests', async () => {
    stage.expectStatus(401);
    const page = await stage.browser.open(`${stage.app.url}/portal#token=${oldToken()}`);
    await expectShown(page.getByText('This page is no longer valid'));
    await page.waitForLoadState('networkidle');
    const before = stage.browser.watch.urls.length;
    await page.getByRole('link', { name: 'Endpoints' }).click();
    await expectShown(page.getByText('This page is no longer valid'));
    await page.waitForLoadState('networkidle');

    expect(stage.browser.watch.urls.slice(before).filter((url) => url.includes('/api/'))).toEqual([]);
  });

  it('takes nothing that was typed', async () => {
    const { url, token } = await stage.link(appId);
    const page = await stage.browser.open(url.replace('/portal#', '/portal/endpoints?new=1#'));
    const field = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    await field.fill('https://example.com/a-long-path/that-nobody-types-twice');
    expect((await stage.app.as(token).post('/auth/logout')).status).toBe(204);
    stage.expectStatus(401);
    await page.getByRole('button', { name: 'Create endpoint' }).click();

    await expectShown(page.getByText('This page is no longer valid').first());
    expect(await field.inputValue()).toBe('https://example.com/a-long-path/that-nobody-types-twice');
  });

  it('is replaced by a new link in the same tab', async () => {
    stage.expectStatus(401);
    const page = await stage.browser.open(`${stage.app.url}/portal#token=${oldToken()}`);
    await expectShown(page.getByText('This page is no longer valid'));
    await page.goto((await stage.link(appId)).url);

    await expectShown(page.getByText('No endpoint yet'));
  });
});

describe('another link in the same tab', () => {
  it('of other feature flags shows nothing of those before', async () => {
    await stage.app.api.post('/event-type', { name: 'beta.started', description: '', featureFlags: ['beta'] });
    await stage.app.api.post('/event-type', { name: 'order.paid', description: '' });
    const page = await stage.portal(appId, '/event-types', { access: { featureFlags: ['beta'] } });
    await expectShown(page.getByRole('link', { name: 'beta.started' }));
    const { token } = await stage.link(appId);
    await page.evaluate(`kept = true; location.hash = '#token=${token}'`);
    await expectGone(page.getByRole('link', { name: 'beta.started' }));

    await expectShown(page.getByRole('link', { name: 'order.paid' }));
    expect(await page.evaluate('kept')).toBe(true);
  });

  it('keeps what was typed, if the one before has expired and it is of the same application', async () => {
    const { token } = await stage.link(appId);
    const page = await stage.browser.open(`${stage.app.url}/portal/endpoints?new=1#token=${token}`);
    const field = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    await field.fill('https://example.com/a-long-path');
    expect((await stage.app.as(token).post('/auth/logout')).status).toBe(204);
    stage.expectStatus(401);
    await page.getByRole('button', { name: 'Create endpoint' }).click();
    await expectShown(page.getByText('This page is no longer valid').first());
    await page.evaluate(`location.hash = '#token=${(await stage.link(appId)).token}'`);
    await expectGone(page.getByText('What you typed is still below.'));
    expect(await field.inputValue()).toBe('https://example.com/a-long-path');
    await page.getByRole('button', { name: 'Create endpoint' }).click();

    await expectShown(page.getByRole('heading', { level: 1, name: 'https://example.com/a-long-path' }));
  });

  it('of another application shows that one', async () => {
    await anEndpoint(stage.app, appId, { url: 'https://example.com/of-the-first' });
    const page = await stage.portal(appId, '/endpoints');
    await expectShown(page.getByText('example.com/of-the-first'));
    const other = (await anApplication(stage.app)).id;
    await page.evaluate(`location.hash = '#token=${(await stage.link(other)).token}'`);

    await expectShown(page.getByText('No endpoint yet'));
  });
});

describe('the console', () => {
  const signIn = async (token: string) => {
    stage.keepSecret(token);
    const page = await stage.browser.open(`${stage.app.url}/console`);
    await page.getByRole('textbox', { name: 'Token or API key' }).or(page.getByLabel('Token or API key')).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    return page;
  };

  it('is open to who has a token of the organisation', async () => {
    const page = await signIn(stage.app.token);

    await expectShown(page.getByRole('heading', { level: 1, name: 'Health' }));
    expect(page.url()).toBe(`${stage.app.url}/console`);
  });

  it('is open to who has an API key', async () => {
    const { body } = await stage.app.api.post('/auth/api-token', { name: 'Support', scopes: ['full'] });
    const page = await signIn(body.token);

    await expectShown(page.getByRole('heading', { level: 1, name: 'Health' }));
  });

  it('asks again for a token that is not accepted', async () => {
    stage.expectStatus(401);
    const page = await signIn(signToken('another secret', claimsFor({ sub: stage.app.orgId })));

    await expectShown(page.getByText('The server does not accept this token.'));
  });

  it("sends whoever has an application's token to the portal", async () => {
    const page = await signIn((await stage.link(appId)).token);

    await expectShown(page.getByText('This is the token of one application. Open the portal with it instead.'));
  });

  it('forgets the token of who signs out', async () => {
    const page = await signIn(stage.app.token);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expectShown(page.getByRole('button', { name: 'Sign in' }));
    await page.reload();

    await expectShown(page.getByRole('button', { name: 'Sign in' }));
    await expectGone(page.getByRole('heading', { name: 'Health' }));
    expect(await page.evaluate<string>('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')).not.toContain('.');
  });

  it('shows the next organisation nothing of what was typed before it signed in', async () => {
    const page = await signIn(stage.app.tokenFor(randomOrgId()));
    const field = page.getByRole('dialog').getByRole('textbox', { name: /^Description/ });
    const openForm = async () => {
      await page.getByRole('link', { name: 'Event types' }).click();
      await page.getByRole('main').getByRole('button', { name: 'Add event type' }).first().click();
    };
    await openForm();
    await field.fill('A plan that nobody else knows of');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).click();
    const next = stage.app.tokenFor(randomOrgId());
    stage.keepSecret(next);
    await page.getByLabel('Token or API key').fill(next);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await openForm();

    expect(await field.inputValue()).toBe('');
  });
});

it('a dialog of the console whose token is refused leads to signing in, and its form is there again', async () => {
  stage.expectStatus(401);
  const page = await stage.console('/applications?new=1');
  await page.route('**/api/v1/app', (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 401, json: { code: 'authentication_failed' } })
      : route.continue(),
  );
  const name = page.getByRole('dialog').getByRole('textbox', { name: /^Name/ });
  await name.fill('Acme');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel(/^Token/).fill(stage.app.token);
  await page.getByRole('button', { name: 'Sign in' }).click();

  await expectShown(name);
  expect(await name.inputValue()).toBe('Acme');
});
