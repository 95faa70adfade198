import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Received, type Receiver } from '../support/receiver.js';
import { expectGone, expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

let stage: Stage;
let receiver: Receiver;
let appId: string;
let endpointId: string;

beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  receiver = await startReceiver();
  appId = (await anApplication(stage.app)).id;
  endpointId = (await anEndpoint(stage.app, appId, { url: receiver.url })).id;
});
afterEach(async () => {
  await receiver.stop();
  await stage.endTest();
});
afterAll(() => stage.stop());

const settings = () => stage.portal(appId, `/endpoints/${endpointId}?tab=settings`);
const stored = async () => (await stage.app.api.get(`/app/${appId}/endpoint/${endpointId}/secret`)).body.key as string;
const shown = (page: Page) => page.getByText(/^whsec_[\w+/=]+$/);

/** Asks the page for the secret, and reads it. */
async function revealed(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Reveal' }).click();
  await expectShown(shown(page));
  return shown(page).innerText();
}

/** Lets the page replace the secret, with the time for which the old one is still valid. */
async function rotate(page: Page, grace?: string): Promise<void> {
  await page.getByRole('button', { name: 'Rotate …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Rotate the signing secret' });
  if (grace !== undefined) {
    await dialog.getByRole('combobox', { name: 'The old secret is valid for' }).click();
    await page.getByRole('option', { name: grace }).click();
  }
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click();
  await expectGone(dialog);
}

/** The next webhook that arrives. */
async function nextWebhook(): Promise<Received> {
  await aMessage(stage.app, appId);
  return (await receiver.got(1))[0]!;
}

function verifies(secret: string, { body, headers }: Received): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}

describe('the signing secret', () => {
  it('is nowhere on the page before somebody asks for it', async () => {
    const page = await settings();
    await settled(page);

    expect(await page.content()).not.toContain((await stored()).slice('whsec_'.length));
  });

  it('is shown to who asks for it, and hidden again', async () => {
    const page = await settings();
    expect(await revealed(page)).toBe(await stored());
    await page.getByRole('button', { name: 'Hide' }).click();

    await expectGone(shown(page));
    expect(await page.content()).not.toContain((await stored()).slice('whsec_'.length));
  });

  it('stands in the code that verifies webhooks, once somebody asks for it', async () => {
    const page = await stage.portal(appId, `/verify?endpoint=${endpointId}`);
    await settled(page);
    expect(await page.content()).not.toContain((await stored()).slice('whsec_'.length));
    await page.getByRole('button', { name: 'Show the secret' }).click();

    await expectShown(page.getByText(`WEBHOOK_SECRET=${await stored()}`));
  });
});

describe('a rotated secret', () => {
  it('and the one before both verify a webhook, for the time that the page tells', async () => {
    const page = await settings();
    const before = await revealed(page);
    await rotate(page);
    await expectShown(page.getByText(/^An earlier secret is valid until .+/));
    await page.reload();
    await expectShown(page.getByText(/^An earlier secret is valid until .+/));
    const after = await revealed(page);
    expect(after).not.toBe(before);

    const webhook = await nextWebhook();
    expect([verifies(before, webhook), verifies(after, webhook)]).toEqual([true, true]);
  });

  it('is the only one that verifies a webhook, if the one before is known to others', async () => {
    const page = await settings();
    const before = await revealed(page);
    await rotate(page, 'No time: it may be known to others');
    await expectShown(page.getByText('The secret that was replaced is no longer valid. Set the new one in your endpoint now.'));
    const after = await revealed(page);

    const webhook = await nextWebhook();
    expect([verifies(before, webhook), verifies(after, webhook)]).toEqual([false, true]);
  });
});
