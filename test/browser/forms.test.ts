import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

let stage: Stage;
let appId: string;

beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(async () => {
  appId = (await anApplication(stage.app)).id;
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

describe('what was typed is there again', () => {
  it('in the settings of an endpoint, after a look at another part and another page', async () => {
    const { id } = await anEndpoint(stage.app, appId);
    const page = await stage.portal(appId, `/endpoints/${id}?tab=settings`);
    const description = page.getByRole('textbox', { name: 'Description' });
    await description.fill('of the warehouse');
    await page.getByRole('tab', { name: 'Attempts' }).click();
    await page.getByRole('tab', { name: 'Settings' }).click();
    expect(await description.inputValue()).toBe('of the warehouse');
    await page.getByRole('link', { name: 'Messages' }).click();
    await settled(page);
    await page.goBack();

    await expectShown(description);
    expect(await description.inputValue()).toBe('of the warehouse');
  });

  it('in the form of a new endpoint, after Escape; Cancel forgets it', async () => {
    const page = await stage.portal(appId, '/endpoints');
    const url = page.getByRole('dialog').getByRole('textbox', { name: /^URL/ });
    const open = () => page.getByRole('main').getByRole('button', { name: 'Add endpoint' }).first().click();
    await open();
    await url.fill('https://example.com/hook');
    await page.keyboard.press('Escape');
    await open();
    expect(await url.inputValue()).toBe('https://example.com/hook');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await open();

    expect(await url.inputValue()).toBe('');
  });
});

it('a filter that is no filter, but the name of something, is none', async () => {
  const { id } = await anEndpoint(stage.app, appId);
  const page = await stage.portal(appId, `/messages?time=constructor&endpoint=${id}&state=__proto__`);

  await expectShown(page.getByRole('heading', { level: 1, name: 'Messages' }));
  await settled(page);
  expect(await page.getByText('This did not work').count()).toBe(0);
});
