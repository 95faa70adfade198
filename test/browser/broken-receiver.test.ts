import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver, type ScriptedAnswer } from '../support/receiver.js';
import { until } from '../support/until.js';
import { sent } from './support/messages.js';
import { expectGone, expectShown, tabTo } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 10_000;

let stage: Stage;
let receiver: Receiver;
/** What the receiver answers now. */
let answer: ScriptedAnswer;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  // One attempt, so that what fails stays failed.
  stage = await Stage.start({ RETRY_SCHEDULE: '', DELIVERY_TIMEOUT_SECONDS: '1' });
});
beforeEach(async () => {
  answer = 200;
  receiver = await startReceiver(() => answer);
  appId = (await anApplication(stage.app)).id;
  endpointId = (await anEndpoint(stage.app, appId, { url: receiver.url })).id;
});
afterEach(async () => {
  await receiver.stop();
  await stage.endTest();
});
afterAll(() => stage.stop());

const endpointPage = (query = '') => stage.portal(appId, `/endpoints/${endpointId}${query}`);
const BROKEN: ScriptedAnswer = { status: 500, body: 'the disk is full' };
const isDisabled = async () => (await stage.app.api.get(`/app/${appId}/endpoint/${endpointId}`)).body.disabled;

describe('an endpoint that fails', () => {
  it('says since when, what it has answered, and what to do', async () => {
    await sent(stage.app, appId);
    answer = BROKEN;
    await sent(stage.app, appId);
    const page = await endpointPage();

    await expectShown(page.getByText(/^Failing since .+ \(.+\)$/));
    await expectShown(page.getByText(/^Last answer: 500, .+ The server of the endpoint had an error\./));
    await expectShown(page.getByText('the disk is full'));
    await expectShown(page.getByText(/^A failed message is (not tried again\.|tried again after about)/));
  });

  it('comes first on the overview, with its reason', async () => {
    answer = BROKEN;
    await sent(stage.app, appId);
    const page = await stage.portal(appId);

    await expectShown(page.getByRole('heading', { name: 'No webhook arrives' }));
    await expectShown(
      page.getByText('The only attempt of the last 24 hours failed. It answered 500. The server of the endpoint had an error.'),
    );
  });

  it('says since when, also if nothing has arrived yet', async () => {
    answer = BROKEN;
    await sent(stage.app, appId);
    const page = await endpointPage();

    await expectShown(page.getByText(/^Nothing has arrived yet\. Failing since the first attempt, .+ \(.+\)$/));
  });

  it('says what failed last, also if the last attempt arrived', async () => {
    answer = 429;
    await sent(stage.app, appId);
    answer = 200;
    await sent(stage.app, appId);
    const page = await endpointPage();

    await expectShown(page.getByText('Delivering, but attempts have failed in the last 24 hours'));
    await expectShown(page.getByText(/^Last failure: 429, .+ Set a rate for the endpoint, or a lower one\.$/));
  });

  it('says how many messages were given up and are not sent again, and leads to them', async () => {
    answer = BROKEN;
    const id = await sent(stage.app, appId);
    for (let n = 0; n < 2; n++) await sent(stage.app, appId);
    const page = await endpointPage();

    await expectShown(page.getByText('3 messages were given up, and not sent again since. Recover sends them.'));
    await page.getByRole('link', { name: 'See them' }).click();
    await expectShown(page.getByRole('heading', { level: 1, name: 'Messages' }));
    expect(new URL(page.url()).searchParams.get('state')).toBe('failed');
    await expectShown(page.locator(`a[href*="${id}"]`).first());
  });

  it('says that nothing is missing, when all that failed has arrived', async () => {
    answer = BROKEN;
    const id = await sent(stage.app, appId);
    answer = 200;
    await stage.app.api.post(`/app/${appId}/msg/${id}/endpoint/${endpointId}/resend`, {});
    const page = await endpointPage();

    await expectShown(page.getByText('All that failed has arrived since.'));
  });

  it('is named on the overview with the reason, where there was no answer at all', async () => {
    const url = receiver.url;
    await receiver.stop();
    await sent(stage.app, appId);
    receiver = await startReceiver();
    const page = await stage.portal(appId);

    await expectShown(
      page
        .getByRole('listitem')
        .filter({ hasText: url.replace('http://', '') })
        .getByText(/nothing listens at this address/)
        .first(),
    );
  });

  it('lists all attempts of a day, the newest first', async () => {
    for (let n = 0; n < 60; n++) await aMessage(stage.app, appId);
    await receiver.got(60, WAIT_MS);
    answer = BROKEN;
    await sent(stage.app, appId);
    const page = await endpointPage('?tab=attempts&hours=24');
    const rows = page.getByRole('table', { name: 'Attempts at this endpoint' }).getByRole('row');
    await expectShown(rows.nth(1).getByText('500'));
    await page.getByRole('button', { name: 'Show more' }).click();

    await until(async () => (await rows.count()) === 62, WAIT_MS, 'the head and all 61 attempts');
  });

  it('has its messages among those that failed anywhere', async () => {
    const arrived = await sent(stage.app, appId);
    answer = BROKEN;
    const other = await startReceiver();
    await anEndpoint(stage.app, appId, { url: other.url });
    const failed = await sent(stage.app, appId);
    await other.got(1, WAIT_MS);
    await other.stop();
    const page = await stage.portal(appId, '/messages');
    await page.getByRole('combobox', { name: 'State' }).click();
    await page.getByRole('option', { name: 'Failed' }).click();

    await expectShown(page.getByRole('row').filter({ hasText: failed }).getByText('Failed at 1 of 2'));
    await expectGone(page.getByRole('row').filter({ hasText: arrived }));
  });

  it('lists its failed attempts, each with request and answer', async () => {
    answer = BROKEN;
    await sent(stage.app, appId, { payload: { order: 4711 } });
    const page = await endpointPage();
    await page.getByRole('link', { name: 'See failed attempts' }).click();
    await page.getByRole('table', { name: 'Attempts at this endpoint' }).getByRole('link').click();

    const dialog = page.getByRole('dialog', { name: 'Attempt' });
    await expectShown(dialog.getByRole('region', { name: 'Request' }).getByText('4711', { exact: true }));
    await expectShown(dialog.getByRole('region', { name: 'Answer' }).getByText('the disk is full'));
  });

  it('that answers too late is told so, with the time that it has', async () => {
    answer = { status: 200, hang: true };
    const page = await stage.portal(appId, `/messages/${await sent(stage.app, appId)}`);

    await expectShown(page.getByRole('status').filter({ hasText: /^Not delivered.*No answer within 1\.\d s\./ }));
  });

  it('that is not there is told so', async () => {
    await receiver.stop();
    const page = await stage.portal(appId, `/messages/${await sent(stage.app, appId)}`);
    const reason = 'The connection was refused: nothing listens at this address and port.';

    await expectShown(page.getByRole('status').filter({ hasText: reason }));
  });

  it('that is gone is disabled, says why, and can be enabled', async () => {
    answer = 410;
    await sent(stage.app, appId);
    const page = await endpointPage();
    await expectShown(page.getByText(/^Disabled since .+, because it answered 410 Gone$/));
    await page.getByRole('button', { name: 'Enable', exact: true }).click();

    await expectGone(page.getByText(/^Disabled since/));
    expect(await isDisabled()).toBe(false);
  });
});

describe('a message that did not arrive', () => {
  it('tells its story: what was accepted, what was sent, what came back', async () => {
    answer = BROKEN;
    const msgId = await sent(stage.app, appId, { eventType: 'invoice.paid', payload: { invoice: 4711 } });
    const page = await stage.portal(appId, `/messages/${msgId}`);
    const story = page.getByRole('list', { name: 'Story of the message' });
    await expectShown(story.getByText('Failed after 1 attempt: nothing more is tried'));
    await story.getByRole('list', { name: 'Attempts' }).getByRole('button').click();

    await expectShown(story.getByRole('region', { name: 'Request' }).getByText(`webhook-id: ${msgId}`));
    await expectShown(story.getByRole('region', { name: 'Request' }).getByText('"invoice": 4711'));
    await expectShown(story.getByRole('region', { name: 'Answer' }).getByText('the disk is full'));
  });

  it('is sent again by a button, and followed until it has arrived', async () => {
    answer = BROKEN;
    const page = await stage.portal(appId, `/messages/${await sent(stage.app, appId)}`);
    await expectShown(page.getByText('Failed after 1 attempt: nothing more is tried'));
    answer = 200;
    await page.getByRole('button', { name: `Send again to ${receiver.url}` }).click();

    await expectShown(page.getByText(/^Delivered at the 2nd attempt, after/));
    await receiver.got(2);
  });

  it('to any endpoint says why for each of them', async () => {
    await stage.app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { eventTypes: null, channels: ['other'] });
    const { id } = await aMessage(stage.app, appId);
    const page = await stage.portal(appId, `/messages/${id}`);

    await expectShown(page.getByText('No endpoint was to get it: nothing was sent'));
    await expectShown(
      page.getByRole('listitem').filter({ hasText: receiver.url }).getByText('It listens only to the channels other.'),
    );
  });
});

describe('once the receiver is mended', () => {
  const failed = async (messages: number) => {
    answer = BROKEN;
    for (let n = 0; n < messages; n++) await sent(stage.app, appId, { payload: { n } });
    answer = 200;
  };

  it('what had failed is sent again, with its progress, and the endpoint delivers', async () => {
    await failed(3);
    const page = await endpointPage();
    await page.getByRole('button', { name: /^Recover failed messages/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Recover', exact: true }).click();

    await expectShown(page.getByText('Failed messages were sent again'));
    await expectShown(page.getByText('3 messages in all.'));
    await receiver.got(6);
    await page.reload();
    await expectShown(page.getByText(/^Delivering, but attempts have failed/));
  });

  it('what it has missed while it was disabled is sent', async () => {
    await stage.app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: true });
    const { id } = await aMessage(stage.app, appId);
    await stage.app.api.patch(`/app/${appId}/endpoint/${endpointId}`, { disabled: false });
    const page = await endpointPage();
    await page.getByRole('button', { name: /^Send what is missing/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();

    await expectShown(page.getByText('1 message in all.'));
    expect((await receiver.got(1)).map(({ headers }) => headers['webhook-id'])).toEqual([id]);
  });

  it('the chart shows both, in words, as a table and to the arrow keys', async () => {
    await failed(2);
    await sent(stage.app, appId);
    const page = await stage.portal(appId, '/?range=30d');
    await expectShown(page.getByText(/^1 delivered, 2 failed/));

    expect(await readByArrows(page)).toMatch(/Delivered 1 ?Failed 2/);
    expect(await sumsOfTable(page)).toEqual({ delivered: 1, failed: 2 });
  });
});

/** The last values of the chart of attempts, as they are read out. */
async function readByArrows(page: Page): Promise<string> {
  const chart = page.getByRole('group', { name: /^Attempts, delivered and failed\./ });
  await expectShown(chart);
  await tabTo(page, chart);
  const readOut = async () => {
    await page.keyboard.press('End');
    return (await chart.getByRole('status').innerText()).replaceAll(/\s+/g, ' ').trim();
  };
  return until(async () => (await readOut()) || null, WAIT_MS, 'the chart to read out its end');
}

async function sumsOfTable(page: Page): Promise<{ delivered: number; failed: number }> {
  await page.getByRole('button', { name: 'Show as table' }).first().click();
  const rows = page.getByRole('region', { name: 'Attempts, delivered and failed' }).getByRole('row');
  await expectShown(rows.first());
  const sums = { delivered: 0, failed: 0 };
  for (const cells of await Promise.all((await rows.all()).map((row) => row.getByRole('cell').allInnerTexts()))) {
    sums.delivered += Number(cells[0]) || 0;
    sums.failed += Number(cells[1]) || 0;
  }
  return sums;
}
