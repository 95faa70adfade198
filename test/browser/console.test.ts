import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { aMessage, anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { startReceiver, type Receiver, type Script, type ScriptedAnswer } from '../support/receiver.js';
import { until } from '../support/until.js';
import { countAttempts, lostDelivery } from './support/inside.js';
import { sent } from './support/messages.js';
import { expectGone, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 60_000;
const MOST_CLICKS = 3;

let stage: Stage;
let receiver: Receiver;
/** What the receiver answers now. */
let answer: ScriptedAnswer | Script;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  stage = await Stage.start({ RETRY_SCHEDULE: '' });
});
beforeEach(async () => {
  answer = 200;
  receiver = await startReceiver((request, at) => (typeof answer === 'function' ? answer(request, at) : answer));
  appId = (await anApplication(stage.app, { name: 'Acme Ltd', uid: `acme-${Date.now()}` })).id;
  endpointId = (await anEndpoint(stage.app, appId, { url: receiver.url })).id;
});
afterEach(async () => {
  await receiver.stop();
  await stage.endTest();
});
afterAll(() => stage.stop());

/** Presses things, and counts how often. */
function counted() {
  let clicks = 0;
  const click = async (what: Locator) => {
    clicks++;
    await what.click();
  };
  return { click, clicks: () => clicks };
}

/** From the first page of the console to the story of a message, with nothing but its id. Answers how often something was pressed. */
async function storyOf(msgId: string) {
  const page = await stage.console();
  const { click, clicks } = counted();
  await click(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Search' }));
  await page.getByRole('searchbox', { name: 'Id, uid or name' }).fill(msgId);
  await click(page.getByRole('button', { name: 'Search' }));
  await click(page.getByRole('link', { name: 'See its story' }));
  await expectShown(page.getByRole('list', { name: 'Story of the message' }));
  return { page, clicks: clicks() };
}

describe('support, with the id of a lost message', () => {
  it('sees in at most three clicks why it did not arrive', async () => {
    answer = { status: 401, body: 'who are you?' };
    const { page, clicks } = await storyOf(await sent(stage.app, appId));

    await expectShown(page.getByRole('status').filter({ hasText: 'The endpoint wants other credentials.' }));
    expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
  });

  it('sees it too if no endpoint was to get it', async () => {
    const other = (await anApplication(stage.app, { name: 'Without endpoints' })).id;
    const { page, clicks } = await storyOf((await aMessage(stage.app, other)).id);

    await expectShown(page.getByText('No endpoint was to get it: nothing was sent'));
    expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
  });

  it('is told that there is none with this id', async () => {
    const page = await stage.console('/search?q=msg_000000000000000000000000000');

    await expectShown(page.getByText(/^No message has this id:/));
    expect(await page.getByText(/If this is an event id/).count()).toBe(0);
  });

  it('is told where an event id is found', async () => {
    const page = await stage.console('/search?q=order.created-1a2b3c4d');

    await expectShown(page.getByText(/If this is an event id: open its application/));
  });
});

describe('support, with what a customer calls themselves', () => {
  it.each<[what: string, text: () => Promise<string>]>([
    ['the beginning of the name', async () => 'acme l'],
    ['the uid', async () => (await stage.app.api.get(`/app/${appId}`)).body.uid],
    ['the id', async () => appId],
  ])('finds the application by %s', async (_what, text) => {
    const page = await stage.console(`/search?q=${encodeURIComponent(await text())}`);
    const found = page.getByRole('listitem').filter({ hasText: (await stage.app.api.get(`/app/${appId}`)).body.uid });
    await found.getByRole('link', { name: 'Open' }).click();

    await until(() => page.url().includes(`/console/applications/${appId}`), WAIT_MS, 'the page of the application');
    await expectShown(page.getByRole('heading', { level: 1, name: 'Overview' }));
  });
});

describe("an application's pages in the console", () => {
  it('are those of its portal, and lead to each other', async () => {
    const msgId = await sent(stage.app, appId, { eventType: 'invoice.paid' });
    const page = await stage.console(`/applications/${appId}`);
    await page.getByRole('navigation', { name: 'Application' }).getByRole('link', { name: 'Messages' }).click();
    await page.getByRole('link', { name: 'invoice.paid' }).click();
    await page.getByRole('link', { name: receiver.url }).click();

    await expectShown(page.getByRole('heading', { level: 1, name: receiver.url }));
    expect(page.url()).toContain(`/console/applications/${appId}/endpoints/${endpointId}`);
    await page.goBack();
    await expectShown(page.getByRole('list', { name: 'Story of the message' }));
    expect(page.url()).toContain(`/console/applications/${appId}/messages/${msgId}`);
  });

  it('say whose they are, also in the title of the page', async () => {
    const { uid } = (await stage.app.api.get(`/app/${appId}`)).body;
    const page = await stage.console(`/applications/${appId}/endpoints`);
    const navigation = page.getByRole('navigation', { name: 'Application' });
    await expectShown(navigation.getByText('Acme Ltd'));
    for (const id of [uid, appId]) await expectShown(navigation.getByText(id, { exact: true }));

    await until(async () => (await page.title()) === 'Endpoints · Acme Ltd · Console', WAIT_MS, 'the title');
  });

  it('let the team do for a customer what the customer could do', async () => {
    answer = 500;
    const msgId = await sent(stage.app, appId);
    answer = 200;
    const page = await stage.console(`/applications/${appId}/messages/${msgId}`);
    await page.getByRole('button', { name: `Send again to ${receiver.url}` }).click();

    await expectShown(page.getByText(/^Delivered at the 2nd attempt, after/));
  });
});

describe('the first page of the console', () => {
  it('says that one endpoint fails, which one, and leads to it', async () => {
    const token = stage.app.tokenFor(randomOrgId());
    const team = { api: stage.app.as(token) };
    const customer = (await anApplication(team, { name: 'Acme Ltd' })).id;
    await anEndpoint(team, customer, { url: receiver.url });
    await anEndpoint(team, customer, { url: `${receiver.url}/broken` });
    answer = ({ path }) => (path.endsWith('/broken') ? 500 : 200);
    for (let n = 0; n < 3; n++) await sent(team, customer);
    await countAttempts(stage.app, team.api);
    const page = await stage.console('/', { token });

    await expectShown(page.getByText('One endpoint fails'));
    await expectShown(page.getByText(`Most of the 3 attempts that failed were at ${receiver.url}/broken of Acme Ltd.`));
    await page.getByRole('table', { name: 'Failing endpoints' }).getByRole('link').click();
    await expectShown(page.getByRole('heading', { level: 1, name: `${receiver.url}/broken` }));
  });

  it('shows an operator the processes of the service, and whether all that they need is up', async () => {
    const page = await stage.console('/', { token: stage.app.operatorToken() });

    await expectShown(page.getByText(/^1 process runs .+ All that they need is up\.$/));
  });

  it('leads an operator to nothing that needs an organisation', async () => {
    const page = await stage.console('/', { token: stage.app.operatorToken() });
    const navigation = page.getByRole('navigation').first();
    await expectShown(navigation.getByRole('link', { name: 'Processes' }));

    expect(await navigation.getByRole('link', { name: 'Applications' }).count()).toBe(0);
  });

  it('says what only an operator may see', async () => {
    const page = await stage.console('/');

    await expectShown(page.getByText('This needs the token of an operator'));
  });
});

describe('a dead letter', () => {
  it('is tried again by a button, arrives, and is none any more', async () => {
    const msgId = await lostDelivery(stage.app, appId);
    const page = await stage.console('/dead-letters');
    const row = page.getByRole('row').filter({ hasText: msgId });
    await expectShown(row.getByText('worker lost'));
    await expectShown(row.getByRole('link', { name: 'Acme Ltd' }));
    await row.getByRole('button', { name: 'Try again' }).click();

    await expectGone(row);
    expect((await receiver.got(1, WAIT_MS))[0]!.headers['webhook-id']).toBe(msgId);
  });
});
