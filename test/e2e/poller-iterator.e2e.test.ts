import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

const SUFFIX = '2YBXZIko2xmy0s5Rm9N5U7PhHgu';

let app: TestApp;
let appId: string;
let sinkId: string;

beforeAll(async () => {
  app = await startApp();
  appId = (await anApplication(app)).id;
  sinkId = (await anEndpoint(app, appId, { disabled: true })).id;
});
afterAll(() => app?.stop());

describe.each([
  ['a poller', () => `/app/${appId}/poller/${sinkId}`],
  ["a poller's consumer", () => `/app/${appId}/poller/${sinkId}/consumer/reader`],
])('%s', (_whose, path) => {
  it.each([
    ['none', 'abc'],
    ['empty', ''],
    ['of another kind', `ep_${SUFFIX}`],
    ['an attempt', `atmpt_${SUFFIX}`],
    ['of a page before', `-msg_${SUFFIX}`],
    ['too short', `msg_${SUFFIX.slice(1)}`],
    ['too long', `msg_${SUFFIX}0`],
    ['more than an id can be', 'msg_zzzzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['of characters that no id has', `msg_${SUFFIX.slice(1)}-`],
    ['an id without its prefix', SUFFIX],
    ['a number', '17'],
    ['no text', '%00'],
  ])('refuses an iterator that is %s so that its consumer begins anew', async (_what, iterator) => {
    const answer = await app.api.get(`${path()}?iterator=${iterator}`);

    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_iterator', detail: expect.stringContaining('iterator') },
    });
  });

  it('refuses several iterators at once', async () => {
    const answer = await app.api.get(`${path()}?iterator=msg_${SUFFIX}&iterator=msg_${SUFFIX}`);

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_iterator' } });
  });

  it('goes on behind a message that is there no longer', async () => {
    expect((await app.api.get(`${path()}?iterator=${newId('msg_')}`)).status).toBe(200);
  });

  it('takes what it answered', async () => {
    const { body } = await app.api.get(path());

    expect((await app.api.get(`${path()}?iterator=${body.iterator}`)).status).toBe(200);
  });
});

it('the clients see the code', async () => {
  const refused = { code: 400, body: { code: 'invalid_iterator' } };
  const { poller } = app.svix().message;

  await expect(poller.poll(appId, sinkId, { iterator: 'stale' })).rejects.toMatchObject(refused);
  await expect(poller.consumerPoll(appId, sinkId, 'reader', { iterator: 'stale' })).rejects.toMatchObject(refused);
});

it('what a seek answers is an iterator too', async () => {
  const { iterator } = await app.svix().message.poller.consumerSeek(appId, sinkId, 'reader', { after: new Date(0) });

  expect((await app.api.get(`/app/${appId}/poller/${sinkId}?iterator=${iterator}`)).status).toBe(200);
});
