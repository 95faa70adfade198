import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { Attempt } from '../../src/database/entities/attempt.entity.js';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { rekey } from '../../src/database/rekey/rekey.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const PASSWORD = 'h0rse-battery';
const basic = (password: string, user = 'user') => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('a password in the URL of an endpoint', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
  });
  afterEach(() => receiver?.stop());
  afterAll(() => app?.stop());

  const urlWith = (password: string, { user = 'user', path = '/hook' } = {}) => {
    const { host } = new URL(receiver.url);
    return `http://${user}:${password}@${host}${path}`;
  };
  const rows = () => app.nest.get(DataSource).manager;
  const rowOf = (id: string) => rows().findOneByOrFail(Endpoint, { id });
  const pathOf = (id: string) => `/app/${appId}/endpoint/${id}`;
  const sentPassword = async () => {
    const before = (await receiver.waitFor(() => true)).length;
    await aMessage(app, appId);
    return (await receiver.got(before + 1))[before]!.headers.authorization;
  };

  it('is sent to it, and shown as a mask everywhere', async () => {
    const endpoint = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    expect(await sentPassword()).toBe(basic(PASSWORD));
    const attempts = async () => (await app.api.get(`/app/${appId}/attempt/endpoint/${endpoint.id}`)).body;
    const list = await until(async () => ((await attempts()).data.length > 0 ? attempts() : null), 10_000, 'the attempt');
    const answers = [
      endpoint,
      (await app.api.get(pathOf(endpoint.id))).body,
      (await app.api.get(`/app/${appId}/endpoint`)).body.data[0],
      (await app.api.get(`/app/${appId}/msg/${list.data[0].msgId}/endpoint`)).body.data[0],
      list.data[0],
    ];

    expect(answers.map(({ url }) => url)).toEqual(answers.map(() => urlWith('****')));
    expect(JSON.stringify([answers, app.log])).not.toContain(PASSWORD);
  });

  it('is sealed in the database, and in no attempt', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    await sentPassword();
    const attempt = await until(() => rows().findOneBy(Attempt, { appId, endpointId: id }), 10_000, 'the attempt');
    const row = await rowOf(id);

    expect(row).toMatchObject({ url: urlWith('****'), sealedPassword: expect.stringMatching(/^s2\./) });
    expect(JSON.stringify([row, attempt])).not.toContain(PASSWORD);
  });

  it.each(['put', 'patch'] as const)('stays if the URL is sent back as it is shown: %s', async (method) => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    const answer = await app.api[method](pathOf(id), { url: urlWith('****', { path: '/other?a=1' }) });

    expect([answer.status, answer.body.url]).toEqual([200, urlWith('****', { path: '/other?a=1' })]);
    expect(await sentPassword()).toBe(basic(PASSWORD));
  });

  it('is replaced by any other, and removed by a URL without one', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    await app.api.patch(pathOf(id), { url: urlWith('***') });
    expect(await sentPassword()).toBe(basic('***'));
    await app.api.patch(pathOf(id), { url: receiver.url });
    expect(await sentPassword()).toBeUndefined();
    expect((await rowOf(id)).sealedPassword).toBeNull();
  });

  it('is not kept for another receiver: the mask is refused there', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    const before = await rowOf(id);
    const { host, port } = new URL(receiver.url);
    const elsewhere = [
      `https://user:****@${host}/hook`,
      `http://user:****@localhost:${port}/hook`,
      `http://user:****@127.0.0.1:9999/hook`,
      `http://other:****@${host}/hook`,
      `http://:****@${host}/hook`,
    ];
    const answers = [];
    for (const url of elsewhere) {
      answers.push(await app.api.patch(pathOf(id), { url }), await app.api.put(pathOf(id), { url }));
    }

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 422));
    expect(answers[0]!.body.detail[0]).toMatchObject({ loc: ['body', 'url'], msg: expect.stringContaining('mask') });
    expect(await rowOf(id)).toEqual(before);
  });

  it('can not be a mask where there is none to keep', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD, { user: 'a' }).replace(`:${PASSWORD}`, '') });
    const answers = [
      await app.api.post(`/app/${appId}/endpoint`, { url: urlWith('****') }),
      await app.api.post(`/app/${appId}/endpoint`, { url: urlWith('%2A%2A%2A%2A') }),
      await app.api.put(`/app/${appId}/endpoint/by-uid`, { url: urlWith('****') }),
      await app.api.patch(pathOf(id), { url: urlWith('****', { user: 'a' }) }),
      await app.api.post('/operational-webhook/endpoint', { url: urlWith('****') }),
    ];

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 422));
  });

  it('of an operational endpoint is treated alike', async () => {
    const { body } = await app.api.post('/operational-webhook/endpoint', { url: urlWith(PASSWORD) });
    const path = `/operational-webhook/endpoint/${body.id}`;

    expect(body.url).toBe(urlWith('****'));
    expect((await app.api.patch(path, { url: urlWith('****', { path: '/x' }) })).body.url).toBe(urlWith('****', { path: '/x' }));
    expect((await rowOf(body.id)).sealedPassword).toMatch(/^s2\./);
    await app.api.delete(path);
  });

  it('does not make a repeated PUT a change', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    const put = () => app.api.put(pathOf(id), { url: urlWith(PASSWORD) });
    const first = (await put()).body;
    const before = await rowOf(id);

    expect((await put()).body).toEqual(first);
    expect(await rowOf(id)).toEqual(before);
  });

  it('does not open for another host, whoever writes it into the row', async () => {
    const { id } = await anEndpoint(app, appId, { url: urlWith(PASSWORD) });
    await rows().update(Endpoint, { id }, { url: 'http://user:****@attacker.test/' });

    expect((await app.api.get(pathOf(id))).body.unreadable).toMatch(/^The password of the URL can't be opened/);
    await app.api.patch(pathOf(id), { url: urlWith('new') });
    expect(await sentPassword()).toBe(basic('new'));
  });

  describe('that an older release has written', () => {
    let id: string;

    beforeEach(async () => {
      id = (await anEndpoint(app, appId, { url: receiver.url })).id;
      await rows().update(Endpoint, { id }, { url: urlWith(PASSWORD) });
      await rows().query('UPDATE application SET version = version + 1 WHERE id = ?', [appId]);
    });

    it('is sent, and shown as a mask', async () => {
      expect(await sentPassword()).toBe(basic(PASSWORD));
      expect((await app.api.get(pathOf(id))).body.url).toBe(urlWith('****'));
    });

    it('is sealed by the next write, whatever it changes', async () => {
      await app.api.patch(pathOf(id), { description: 'touched' });

      expect(await rowOf(id)).toMatchObject({ url: urlWith('****'), sealedPassword: expect.stringMatching(/^s2\./) });
      expect(await sentPassword()).toBe(basic(PASSWORD));
    });

    it('stays if the URL is sent back as it is shown', async () => {
      await app.api.put(pathOf(id), { url: urlWith('****') });
      expect(await sentPassword()).toBe(basic(PASSWORD));
    });

    it('is sealed by rekey', async () => {
      await rekey(loadConfig(app.env, localSecrets), { dryRun: false, print: () => {} });

      expect(await rowOf(id)).toMatchObject({ url: urlWith('****'), sealedPassword: expect.stringMatching(/^s2\./) });
      expect(await sentPassword()).toBe(basic(PASSWORD));
    });

    it('is not shown in an attempt of that release', async () => {
      await sentPassword();
      const attempt = await until(() => rows().findOneBy(Attempt, { appId, endpointId: id }), 10_000, 'the attempt');
      await rows().update(Attempt, { msgId: attempt.msgId, id: attempt.id }, { url: urlWith(PASSWORD) });

      expect((await app.api.get(`/app/${appId}/msg/${attempt.msgId}/attempt/${attempt.id}`)).body.url).toBe(urlWith('****'));
    });
  });
});

describe('beside an older release', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    await app.nest.get(DataSource).query('DELETE FROM sealing_mode');
  });
  afterAll(() => app?.stop());

  it('a password in a URL is kept where that release reads it, and masked in answers', async () => {
    const { id, url } = await anEndpoint(app, (await anApplication(app)).id, { url: 'http://user:secret@127.0.0.1:9/' });

    expect(url).toBe('http://user:****@127.0.0.1:9/');
    expect(await app.nest.get(DataSource).manager.findOneByOrFail(Endpoint, { id })).toMatchObject({
      url: 'http://user:secret@127.0.0.1:9/',
      sealedPassword: null,
    });
  });
});
