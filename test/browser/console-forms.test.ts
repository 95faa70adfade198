import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { randomOrgId } from '../support/factories.js';
import { until } from '../support/until.js';
import { expectGone, expectShown } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.start();
});
afterEach(() => stage.endTest());
afterAll(() => stage?.stop());

const SCHEMA = '{"1":{"maximum":9007199254740993,"examples":[{"b":9007199254740993,"10":1,"2":3}]}}';

/** Makes the event type large.number of a new organisation, and opens the form that edits it. `read` answers it as the API writes it. */
async function largeNumber(): Promise<{ form: Locator; read: () => Promise<string>; patch: (body: string) => Promise<unknown> }> {
  const token = stage.app.tokenFor(randomOrgId());
  const url = `${stage.app.url}/api/v1/event-type`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await fetch(url, { method: 'POST', headers, body: `{"name":"large.number","description":"before","schemas":${SCHEMA}}` });
  const page = await stage.console('/event-types?edit=large.number', { token });
  return {
    form: page.getByRole('dialog'),
    read: async () => (await fetch(`${url}/large.number`, { headers })).text(),
    patch: (body) => fetch(`${url}/large.number`, { method: 'PATCH', headers, body }),
  };
}

it('an event type whose description is changed keeps its schemas as they were written', async () => {
  const { form, read } = await largeNumber();
  await form.getByRole('textbox', { name: /^Description/ }).fill('after');
  await form.getByRole('button', { name: 'Save' }).click();

  await until(async () => (await read()).includes('"after"'), WAIT_MS, 'the description to be changed');
  expect(await read()).toContain(SCHEMA);
});

it('a schema that is edited keeps its large numbers, and the order of its names', async () => {
  const { form, read } = await largeNumber();
  const schema = form.getByRole('textbox', { name: /^JSON schema/ });
  expect(await schema.inputValue()).toBe('{\n  "maximum": 9007199254740993\n}');
  await schema.fill('{"minimum": 9007199254740995, "maximum": 9007199254740997}');
  await form.getByRole('button', { name: 'Save' }).click();

  await until(async () => (await read()).includes('"minimum"'), WAIT_MS, 'the schema to be changed');
  expect(await read()).toContain(
    '"schemas":{"1":{"minimum":9007199254740995,"maximum":9007199254740997,"examples":[{"b":9007199254740993,"10":1,"2":3}]}}',
  );
});

it('an event type that is edited keeps what others have changed meanwhile, and the other versions of its schema', async () => {
  const { form, read, patch } = await largeNumber();
  await form.getByRole('textbox', { name: /^Description/ }).fill('First line.\n\n- one');
  const schemas = '{"1":{"examples":[1],"x-note":1},"2":{"minimum":1}}';
  await patch(`{"featureFlags":["f1","f2"],"schemas":${schemas}}`);
  await form.page().keyboard.press('Escape');
  await form.page().getByRole('button', { name: 'Actions for large.number' }).click();
  await form.page().getByRole('menuitem', { name: 'Edit' }).click();
  await form.getByRole('button', { name: 'Save' }).click();

  await until(async () => (await read()).includes('First line'), WAIT_MS, 'the description to be changed');
  expect(JSON.parse(await read())).toMatchObject({ description: 'First line.\n\n- one', featureFlags: ['f1', 'f2'] });
  expect(await read()).toContain(schemas);
});

it('a form takes no changes while its request is under way, so the answer comes to it', async () => {
  const page = await stage.console('/keys?new=1', { token: stage.app.tokenFor(randomOrgId()) });
  const asked = new Promise<() => void>((arrived) => {
    void page.route('**/api/v1/auth/api-token', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await new Promise<void>((go) => arrived(go));
      return route.continue();
    });
  });
  const name = page.getByRole('dialog').getByRole('textbox', { name: /^Name/ });
  await name.fill('slow');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  const go = await asked;
  await name.fill('another');
  expect(await name.inputValue()).toBe('slow');
  go();

  await expectShown(page.getByRole('dialog', { name: 'Copy the key now' }));
});

it('examples within a typed schema are refused with the place for them', async () => {
  const { form } = await largeNumber();
  await form.getByRole('textbox', { name: /^JSON schema/ }).fill('{"examples":[1]}');
  await form.getByRole('button', { name: 'Save' }).click();

  await expectShown(form.getByRole('alert').filter({ hasText: 'Leave “examples” out' }));
});

it('an application is made once, also if the answer to the form was lost', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  const page = await stage.console('/applications?new=1', { token });
  stage.expectStatus(503);
  let lost = 0;
  await page.route('**/api/v1/app', async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 0) return route.continue();
    await route.fetch();
    return route.fulfill({ status: 503, body: '' });
  });
  await page.getByRole('dialog').getByRole('textbox', { name: /^Name/ }).fill('Twice Ltd');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();
  await expectShown(page.getByText('The server can not do this right now'));
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();

  await until(() => !page.url().includes('new=1'), WAIT_MS, 'the form to be closed');
  expect((await stage.app.as(token).get('/app')).body.data).toHaveLength(1);
});

it('an application is made once, also if the page was left before the answer came', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  const page = await stage.console('/applications', { token });
  const applications = async () => (await stage.app.as(token).get('/app')).body.data;
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/api/v1/app', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch();
    await held;
    return route.fulfill({ response });
  });
  const dialog = page.getByRole('dialog');
  const add = dialog.getByRole('button', { name: 'Add' });
  await page.getByRole('main').getByRole('button', { name: 'Add application' }).first().click();
  await dialog.getByRole('textbox', { name: /^Name/ }).fill('Once Ltd');
  await add.click();
  await until(async () => (await applications()).length === 1, WAIT_MS, 'the application');
  await page.goBack();
  await expectGone(dialog);
  const came = page.waitForResponse((response) => response.request().method() === 'POST');
  answer();
  await came;
  await page.goForward();
  await add.click();

  await until(() => page.url().includes('/applications/app_'), WAIT_MS, 'the page of the application');
  expect(await applications()).toHaveLength(1);
});

it('what was typed into an event type is there again after Escape; Cancel forgets it', async () => {
  const page = await stage.console('/event-types', { token: stage.app.tokenFor(randomOrgId()) });
  const open = () => page.getByRole('main').getByRole('button', { name: 'Add event type' }).first().click();
  const description = page.getByRole('dialog').getByRole('textbox', { name: /^Description/ });
  await open();
  await description.fill('a long text');
  await page.keyboard.press('Escape');
  await open();
  expect(await description.inputValue()).toBe('a long text');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await open();

  expect(await description.inputValue()).toBe('');
});

it.each([
  ['/applications', /^Name/, 'Add application'],
  ['/keys', /^Name/, 'Create key'],
  ['/operational-webhooks', /^URL/, 'Add endpoint'],
])('what was typed into the form of %s is there again after Escape; Cancel forgets it', async (path, label, action) => {
  const page = await stage.console(`${path}?new=1`, { token: stage.app.tokenFor(randomOrgId()) });
  const dialog = page.getByRole('dialog');
  const open = () => page.getByRole('main').getByRole('button', { name: action }).first().click();
  const field = dialog.getByRole('textbox', { name: label });
  await field.fill('https://example.com/a-long-text');
  await page.keyboard.press('Escape');
  await expectGone(dialog);
  await open();
  expect(await field.inputValue()).toBe('https://example.com/a-long-text');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expectGone(dialog);
  await open();

  expect(await field.inputValue()).toBe('');
});

it('a document that is to be imported is there again after Escape', async () => {
  const page = await stage.console('/event-types', { token: stage.app.tokenFor(randomOrgId()) });
  const open = () => page.getByRole('main').getByRole('button', { name: 'Import OpenAPI' }).first().click();
  const document = page.getByRole('dialog').getByRole('textbox', { name: /^Document/ });
  await open();
  await document.fill('openapi: 3.1.0');
  await page.keyboard.press('Escape');
  await open();

  expect(await document.inputValue()).toBe('openapi: 3.1.0');
});

it('what the server said of a form goes away when the form is changed', async () => {
  const token = stage.app.tokenFor(randomOrgId());
  await stage.app.as(token).post('/app', { name: 'First', uid: 'taken' });
  const page = await stage.console('/applications?new=1', { token });
  stage.expectStatus(409);
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: /^Name/ }).fill('Second');
  await form.getByRole('textbox', { name: /^Uid/ }).fill('taken');
  await form.getByRole('button', { name: 'Add' }).click();
  await expectShown(form.getByText('The uid belongs to another application'));
  await form.getByRole('textbox', { name: /^Uid/ }).fill('free');

  await expectGone(form.getByText('The uid belongs to another application'));
});

it('a uid that would be another path is told before anything is sent', async () => {
  const page = await stage.console('/applications?new=1', { token: stage.app.tokenFor(randomOrgId()) });
  await page.getByRole('dialog').getByRole('textbox', { name: /^Uid/ }).fill('..');

  await expectShown(page.getByRole('alert').filter({ hasText: 'Only letters, digits' }));
});

it('an operational webhook is told of a refused port before anything is sent', async () => {
  const page = await stage.console('/operational-webhooks?new=1', { token: stage.app.tokenFor(randomOrgId()) });
  await page.getByRole('dialog').getByRole('textbox', { name: /^URL/ }).fill('https://example.com:6000/');
  await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click();

  await expectShown(page.getByRole('alert').filter({ hasText: 'Choose another port: 6000' }));
});

describe('an import of a document', () => {
  const imported = async (document: string, archives: boolean) => {
    const token = stage.app.tokenFor(randomOrgId());
    await stage.app.as(token).post('/event-type', { name: 'old.one', description: 'from before' });
    const page = await stage.console('/event-types?do=import', { token });
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^Document/ }).fill(document);
    if (archives) await dialog.getByRole('checkbox', { name: /^Archive/ }).click();
    await dialog.getByRole('button', { name: 'See what would change' }).click();
    return { page, dialog };
  };
  const WEBHOOKS = '{"new.one":{"post":{"summary":"new"}}}';

  it('tells what would be archived, and calls it so', async () => {
    const { page, dialog } = await imported('{"openapi":"3.1.0","webhooks":{}}', true);
    await expectShown(dialog.getByRole('list', { name: '1 event type would be archived: customers no longer see them' }));
    await dialog.getByRole('button', { name: 'Archive 1 event type' }).click();

    await expectShown(page.getByText('1 event type archived').first());
  });

  it('tells apart what it brings and what it archives', async () => {
    const { dialog } = await imported(`{"openapi":"3.1.0","webhooks":${WEBHOOKS}}`, true);

    await expectShown(dialog.getByRole('list', { name: /^1 event type would be added/ }).getByText('new.one'));
    await expectShown(dialog.getByRole('list', { name: /^1 event type would be archived/ }).getByText('old.one'));
    await expectShown(dialog.getByRole('button', { name: 'Import 1 event type, archive 1' }));
  });

  it('of one without webhooks says where event types come from', async () => {
    const { dialog } = await imported('{"openapi":"3.1.0","paths":{}}', false);

    await expectShown(dialog.getByText('Event types are made from “webhooks” of the document.'));
  });

  it("takes the document alone, not the API's request", async () => {
    const { dialog } = await imported(`{"spec":{"openapi":"3.1.0","webhooks":${WEBHOOKS}}}`, false);

    await expectShown(dialog.getByText('Paste what is inside “spec”'));
  });
});
