import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 60_000;

describe('a message', () => {
  let app: TestApp;
  let appId: string;
  let receiver: Receiver;
  let names: Map<string, string>;

  beforeAll(async () => {
    app = await startApp();
    receiver = await startReceiver();
    for (const name of ['user.created', 'user.deleted', 'user']) await app.api.post('/event-type', { name, description: '' });
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    names = new Map();
  });
  afterAll(() => Promise.all([app?.stop(), receiver?.stop()]));

  const endpoint = async (name: string, filters: Record<string, unknown> = {}) => {
    const { id } = await anEndpoint(app, appId, { url: receiver.url, uid: name, ...filters });
    names.set(id, name);
    return id as string;
  };
  const reachedBy = async (msgId: string): Promise<string[]> => {
    const { data } = (await app.api.get(`/app/${appId}/attempt/msg/${msgId}`)).body;
    return data.map(({ endpointId }: { endpointId: string }) => names.get(endpointId)!).sort();
  };
  /** Sends each message; when all have arrived where they should, looks whether one arrived elsewhere too. */
  const expectReached = async (expected: [message: Record<string, unknown>, endpoints: string[]][]) => {
    const messages = await Promise.all(expected.map(([message]) => aMessage(app, appId, message)));
    const reached = () => Promise.all(messages.map(({ id }) => reachedBy(id)));
    const complete = async () => (await reached()).every((found, at) => found.length >= expected[at]![1].length);
    await until(complete, WAIT_MS, 'the messages to arrive');
    expect(await reached()).toEqual(expected.map(([, endpoints]) => [...endpoints].sort()));
  };

  it('reaches the endpoints that want its event type, and those that want every type', async () => {
    await endpoint('all');
    await endpoint('created', { eventTypes: ['user.created'] });
    await endpoint('both', { eventTypes: ['user.created', 'user.deleted'] });

    await expectReached([
      [{ eventType: 'user.created' }, ['all', 'both', 'created']],
      [{ eventType: 'user.deleted' }, ['all', 'both']],
      [{ eventType: 'never.declared' }, ['all']],
    ]);
  });

  it('is compared by the whole name of its event type, case included', async () => {
    await endpoint('all');
    await endpoint('user', { eventTypes: ['user'] });
    await endpoint('created', { filterTypes: ['user.created'] });

    await expectReached([
      [{ eventType: 'user' }, ['all', 'user']],
      [{ eventType: 'user.created' }, ['all', 'created']],
      [{ eventType: 'User.Created' }, ['all']],
      [{ eventType: 'user.created.v2' }, ['all']],
    ]);
  });

  it('reaches the endpoints that share a channel with it, and those without channels', async () => {
    await endpoint('every');
    await endpoint('north', { channels: ['north'] });
    await endpoint('north-south', { channels: ['north', 'south'] });

    await expectReached([
      [{ channels: ['north'] }, ['every', 'north', 'north-south']],
      [{ channels: ['south', 'east'] }, ['every', 'north-south']],
      [{ channels: ['North'] }, ['every']],
      [{}, ['every']],
    ]);
  });

  it('must pass both filters where an endpoint has both', async () => {
    await endpoint('strict', { channels: ['north'], eventTypes: ['user.created'] });

    await expectReached([
      [{ eventType: 'user.created', channels: ['north'] }, ['strict']],
      [{ eventType: 'user.deleted', channels: ['north'] }, []],
      [{ eventType: 'user.created', channels: ['south'] }, []],
      [{ eventType: 'user.created' }, []],
    ]);
  });

  it('follows filters that have just changed', async () => {
    const id = await endpoint('changing', { eventTypes: ['user.created'] });
    await endpoint('all');
    await expectReached([[{ eventType: 'user.deleted' }, ['all']]]);
    await app.api.patch(`/app/${appId}/endpoint/${id}`, { eventTypes: ['user.deleted'] });

    await expectReached([
      [{ eventType: 'user.deleted' }, ['all', 'changing']],
      [{ eventType: 'user.created' }, ['all']],
    ]);
  });

  it('still reaches an endpoint that wants an event type which was archived since', async () => {
    await app.api.post('/event-type', { name: 'user.renamed', description: '' });
    await endpoint('renamed', { eventTypes: ['user.renamed'] });
    await app.api.delete('/event-type/user.renamed');

    await expectReached([[{ eventType: 'user.renamed' }, ['renamed']]]);
  });

  it('reaches no endpoint of another application', async () => {
    await endpoint('own');
    const { id: otherId } = await anApplication(app);
    const { id } = await anEndpoint(app, otherId, { url: receiver.url });
    await expectReached([[{}, ['own']]]);

    expect((await app.api.get(`/app/${otherId}/attempt/endpoint/${id}`)).body.data).toEqual([]);
  });

  it('reaches each of a hundred endpoints once', async () => {
    const all = Array.from({ length: 100 }, (_, n) => `endpoint-${n}`);
    for (const name of all) await endpoint(name);
    const { id } = await aMessage(app, appId, { payload: { fan: 'out' } });
    const reached = async () => {
      const { data } = (await app.api.get(`/app/${appId}/attempt/msg/${id}?limit=250`)).body;
      return data.length >= all.length && data.map(({ endpointId }: { endpointId: string }) => names.get(endpointId)).sort();
    };

    expect(await until(reached, WAIT_MS, 'the message to arrive')).toEqual([...all].sort());
    expect(receiver.received.filter(({ headers }) => headers['webhook-id'] === id)).toHaveLength(100);
  });
});
