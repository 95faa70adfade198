import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';
import { expectShown, settled } from './support/page.js';
import { Stage } from './support/stage.js';

const WAIT_MS = 20_000;

let stage: Stage;
let receiver: Receiver;
let appId: string;

beforeAll(async () => {
  receiver = await startReceiver(() => ({ status: 500, body: '{"id":9007199254740993123}' }));
  stage = await Stage.start();
  appId = (await anApplication(stage.app)).id;
  await anEndpoint(stage.app, appId, { url: receiver.url });
});
afterEach(() => stage.endTest());
afterAll(async () => {
  await stage?.stop();
  await receiver?.stop();
});

const send = async (payload: string): Promise<string> => {
  const before = receiver.received.length;
  const answer = await fetch(`${stage.app.url}/api/v1/app/${appId}/msg`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.app.token}`, 'content-type': 'application/json' },
    body: `{"eventType":"odd.one","payload":${payload}}`,
  });
  const { id } = (await answer.json()) as { id: string };
  await receiver.got(before + 1);
  return id;
};

describe('a payload that looks like what the API writes in the place of one', () => {
  it.each([
    ['none is left', '{"expired":true}', '"expired"'],
    ['it is no JSON object', '{"rawPayload":"hello","encoding":"base64"}', '"rawPayload"'],
  ])('although %s is shown as it is', async (_why, payload, shown) => {
    const page = await stage.portal(appId, `/messages/${await send(payload)}?payload=1`);

    await expectShown(page.getByLabel('payload', { exact: true }).getByText(shown));
    expect(await page.getByText('The payload is gone').count()).toBe(0);
  });
});

it('the dialog of an attempt shows request and answer as they were written', async () => {
  const id = await send('{"id":9007199254740993123,"z":1,"a":1.10,"2":0}');
  const attempts = `/app/${appId}/attempt/msg/${id}`;
  const attempt = await until(async () => (await stage.app.api.get(attempts)).body.data[0], WAIT_MS, 'the attempt');
  const page = await stage.portal(appId, `/endpoints/${attempt.endpointId}?tab=attempts&attempt=${id}~${attempt.id}`);
  await settled(page);

  const text = await page.getByRole('dialog').innerText();
  expect(text).toMatch(/"id": 9007199254740993123,\s+"z": 1,\s+"a": 1.10,\s+"2": 0/);
  expect(text.match(/9007199254740993123/g)).toHaveLength(2);
});

it('the command for curl makes one request with every header, whatever the URL and the headers are', async () => {
  const path = '/hook?filter[]=a&x={1,2}';
  await anEndpoint(stage.app, appId, { url: receiver.url + path, headers: { 'X-Empty': '', 'X-Team': "it's" } });
  const id = await send('{"order":1}');
  const here = () => receiver.received.filter((one) => one.path.includes('filter') && one.headers['webhook-id'] === id);
  await receiver.waitFor(() => here().length > 0);
  const page = await stage.portal(appId, `/messages/${id}`);
  await page.evaluate('navigator.clipboard.writeText = async (text) => void (window.copied = text)');
  const story = page.getByRole('listitem').filter({ hasText: 'filter' });
  await story
    .getByRole('button', { name: /Failed/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  const before = here().length;
  await promisify(execFile)('bash', ['-c', await page.evaluate<string>('window.copied')]);

  const [sent, ...others] = here().slice(before);
  expect(others).toEqual([]);
  expect(sent!.path).toBe(here()[0]!.path);
  expect(sent!.headers).toMatchObject({ 'x-empty': '', 'x-team': "it's" });
});
