import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication } from '../support/factories.js';
import { ended } from '../support/tasks.js';

let app: TestApp;
let appId: string;

beforeAll(async () => {
  app = await startApp();
});
beforeEach(async () => {
  appId = (await anApplication(app)).id;
});
afterAll(() => app?.stop());

const EXPIRED = { expired: true };
const payloadOf = async (msgId: string, ofApp = appId) => (await app.api.get(`/app/${ofApp}/msg/${msgId}`)).body.payload;

describe('the expunging of several messages', () => {
  it('removes the payloads of those that are there, by id or eventId, and says which', async () => {
    const { id: first } = await aMessage(app, appId);
    const { id: second } = await aMessage(app, appId, { eventId: 'event-2' });
    const { id: kept } = await aMessage(app, appId);
    const { results } = await app.svix().message.bulkExpungeContent(appId, { ids: [first, 'event-2', 'event-3', 'not a key'] });

    expect(results).toEqual({ [first]: 'expunged', 'event-2': 'expunged', 'event-3': 'not-found', 'not a key': 'not-found' });
    expect(await payloadOf(first)).toEqual(EXPIRED);
    expect(await payloadOf(second)).toEqual(EXPIRED);
    expect(await payloadOf(kept)).toEqual({ order: 42 });
  });

  it('does not reach into another application', async () => {
    const { id: otherId } = await anApplication(app);
    const { id } = await aMessage(app, otherId);
    const { results } = await app.svix().message.bulkExpungeContent(appId, { ids: [id] });

    expect(results).toEqual({ [id]: 'not-found' });
    expect(await payloadOf(id, otherId)).toEqual({ order: 42 });
  });

  it('is fine with none, and refuses too many', async () => {
    const path = `/app/${appId}/msg/bulk-expunge`;

    expect(await app.svix().message.bulkExpungeContent(appId)).toEqual({ results: {} });
    expect((await app.api.post(path, { ids: Array.from({ length: 1_001 }, () => 'a') })).status).toBe(422);
    expect((await app.as(app.appTokenFor(appId)).post(path, { ids: [] })).status).toBe(403);
  });
});

describe('the expunging of all messages', () => {
  it('is a background task that removes every payload of the application', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await aMessage(app, appId)).id);
    const { id: otherId } = await anApplication(app);
    const { id: kept } = await aMessage(app, otherId);
    const started = await app.svix().message.expungeAllContents(appId);

    expect(started).toMatchObject({ status: 'running', task: 'application.purge_content' });
    expect(await ended(app, started.id)).toMatchObject({ status: 'finished', data: { messagesPurged: 3 } });
    for (const id of ids) expect(await payloadOf(id)).toEqual(EXPIRED);
    expect(await payloadOf(kept, otherId)).toEqual({ order: 42 });
  });

  it('leaves what comes later', async () => {
    const { id: taskId } = await app.svix().message.expungeAllContents(appId);
    await ended(app, taskId);
    const { id } = await aMessage(app, appId);

    expect(await payloadOf(id)).toEqual({ order: 42 });
  });

  it('is not for the token of an application', async () => {
    expect((await app.as(app.appTokenFor(appId)).post(`/app/${appId}/msg/expunge-all-contents`)).status).toBe(403);
  });
});
