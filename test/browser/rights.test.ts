import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { sent } from './support/messages.js';
import { expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

const REASON = 'This page was opened for reading only.';

let stage: Stage;
let receiver: Receiver;
let appId: string;
let endpointId: string;
let msgId: string;

beforeAll(async () => {
  stage = await Stage.start();
  receiver = await startReceiver();
  appId = (await anApplication(stage.app)).id;
  endpointId = (await anEndpoint(stage.app, appId, { url: receiver.url, description: 'The only one' })).id;
  msgId = await sent(stage.app, appId, { payload: { order: 'of-our-own' } });
});
afterEach(() => stage.endTest());
afterAll(async () => {
  await receiver?.stop();
  await stage?.stop();
});

/** Notes the requests that change something from now on. */
function changesOf(page: Page): string[] {
  const changes: string[] = [];
  page.on('request', (request) => request.method() !== 'GET' && changes.push(`${request.method()} ${request.url()}`));
  return changes;
}

/** Says why it can't be pressed, and does nothing if it is. */
async function expectRefused(control: Locator, reason: string): Promise<void> {
  await expectShown(control);
  expect(await control.getAttribute('aria-disabled')).toBe('true');
  expect(await control.getAttribute('aria-description')).toBe(reason);
  await control.focus();
  await expectShown(control.page().getByText(reason).last());
  await control.press('Enter');
}

describe('a portal that was opened for reading only', () => {
  const open = (path: string) => stage.portal(appId, path, { access: { readOnly: true } });

  it('leaves the event types of an endpoint as they are', async () => {
    await stage.app.api.post('/event-type', { name: 'invoice.paid', description: 'Tells of invoices' });
    const { id } = await anEndpoint(stage.app, appId, { eventTypes: ['invoice.paid'], channels: ['eu'] });
    const page = await open(`/endpoints/${id}?tab=settings`);
    await expectShown(page.getByText('invoice.paid', { exact: true }));

    for (const name of ['invoice.paid', 'eu']) expect(await page.getByRole('button', { name: `Remove ${name}` }).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Event types' }).press('Backspace');
    await expectShown(page.getByText('invoice.paid', { exact: true }));
  });

  it('says so on each page', async () => {
    for (const path of [
      '/',
      '/endpoints',
      `/endpoints/${endpointId}`,
      '/messages',
      `/messages/${msgId}`,
      '/event-types',
      '/verify',
    ])
      await expectShown((await open(path)).getByText('Read only', { exact: true }));
  });

  it.each<[what: string, path: () => string, name: string | RegExp]>([
    ['making an endpoint', () => '/endpoints', 'Add endpoint'],
    ['a test event', () => `/endpoints/${endpointId}?tab=testing`, 'Send test event'],
    ['recovering', () => `/endpoints/${endpointId}`, /^Recover failed messages/],
    ['sending what is missing', () => `/endpoints/${endpointId}`, /^Send what is missing/],
    ['seeing the secret', () => `/endpoints/${endpointId}?tab=settings`, 'Reveal'],
    ['rotating the secret', () => `/endpoints/${endpointId}?tab=settings`, 'Rotate …'],
    ['deleting', () => `/endpoints/${endpointId}?tab=settings`, 'Delete'],
    ['sending again', () => `/messages/${msgId}`, /^Send again to/],
    ['the secret in code', () => '/verify', 'Show the secret'],
  ])('shows the button for %s, and why it does nothing', async (_what, path, name) => {
    const page = await open(path());
    const changes = changesOf(page);
    await expectRefused(page.getByRole('button', { name }), REASON);

    expect(changes).toEqual([]);
  });

  it('shows what the menu of an endpoint could do, and why it does not', async () => {
    const page = await open('/endpoints');
    const changes = changesOf(page);
    await page.getByRole('button', { name: `Actions for ${receiver.url}` }).click();
    for (const name of [/^Disable/, /^Delete/]) {
      const item = page.getByRole('menuitem', { name });
      await expectShown(item.getByText(REASON));
      await item.click({ force: true });
    }

    await expectShown(page.getByRole('menuitem', { name: /^Delete/ }));
    expect(changes).toEqual([]);
  });

  it('shows all settings, and lets none be changed', async () => {
    const page = await open(`/endpoints/${endpointId}?tab=settings`);
    await expectShown(page.getByText(REASON).first());
    const field = page.getByRole('textbox', { name: 'Description' });
    expect([await field.inputValue(), await field.isEditable()]).toEqual(['The only one', false]);
  });

  it('opens no form that can not be sent', async () => {
    const page = await open('/endpoints?new=1');
    await settled(page);

    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});

describe('a portal with some rights', () => {
  it('allows what they are for, and names the one that is missing for the rest', async () => {
    const page = await stage.portal(appId, `/messages/${msgId}`, { access: { capabilities: ['ViewBase', 'ManageEndpoint'] } });
    const button = page.getByRole('button', { name: /^Send again to/ });
    await expectRefused(button, 'This page was opened without the right to send messages again.');
    await page.getByRole('link', { name: receiver.url }).click();
    await page.getByRole('tab', { name: 'Testing' }).click();
    await page.getByRole('button', { name: 'Send test event' }).click();

    await expectShown(page.getByText(/^It arrived: 200 after/));
  });
});

describe("another application's things", () => {
  const THEIR_URL = 'http://127.0.0.1:9/of-somebody-else';
  let theirs: { endpointId: string; msgId: string };

  beforeAll(async () => {
    const other = (await anApplication(stage.app, { name: 'Competitor' })).id;
    const their = await anEndpoint(stage.app, other, { url: THEIR_URL, description: 'Their own', disabled: true });
    theirs = { endpointId: their.id, msgId: (await aMessage(stage.app, other, { payload: { order: 'of-theirs' } })).id };
  });

  it.each<[what: string, path: () => string, words: string]>([
    ['endpoint', () => `/endpoints/${theirs.endpointId}`, 'There is no such endpoint'],
    ['settings', () => `/endpoints/${theirs.endpointId}?tab=settings`, 'There is no such endpoint'],
    ['message', () => `/messages/${theirs.msgId}`, 'This message is not here'],
  ])('are not found by their ids, and nothing of them is shown: %s', async (_what, path, words) => {
    stage.expectStatus(404);
    const page = await stage.portal(appId, path());
    await expectShown(page.getByText(words).first());
    await settled(page);

    expect(await page.content()).not.toMatch(/of-somebody-else|Their own|of-theirs|Competitor/);
  });

  it('are in none of the lists', async () => {
    for (const path of ['/', '/endpoints', '/messages']) {
      const page = await stage.portal(appId, path);
      await settled(page);
      expect(await page.content()).not.toMatch(/of-somebody-else|Their own|of-theirs|Competitor/);
    }
  });

  it('are not found in the console of another organisation', async () => {
    stage.expectStatus(404);
    const token = stage.app.tokenFor('org_of_somebody_else');
    const page = await stage.console(`/applications/${appId}/messages/${msgId}`, { token });
    await expectShown(page.getByText('This message is not here').first());
    await settled(page);

    expect(await page.content()).not.toMatch(/of-our-own|The only one/);
  });
});
