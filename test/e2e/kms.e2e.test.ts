import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { DataKeys } from '../../src/database/data-keys/data-keys.js';
import { ApplicationCache } from '../../src/database/engine/application-cache.js';
import { Delivery } from '../../src/database/entities/delivery.entity.js';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { rekey } from '../../src/database/rekey/rekey.js';
import { Transactions } from '../../src/database/transactions.js';
import { createLog } from '../../src/observability/log.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { KMS_KEY, startKms, type FakeKms } from '../support/kms.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

const WAIT_MS = 30_000;
const ENVELOPE = /^s3\.\d{8}-[0-9a-f]{8}-0\./;

describe('secrets that are sealed with data keys from AWS KMS', () => {
  let kms: FakeKms;
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;

  beforeEach(async () => {
    kms = await startKms();
    app = await startApp({ ENCRYPTION_KMS_KEY_ID: KMS_KEY, AWS_ENDPOINT_URL_KMS: kms.url, AWS_REGION: 'us-east-1' });
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
  });
  afterEach(async () => {
    await app?.stop();
    await receiver?.stop();
    await kms?.stop();
  });

  const rows = () => app.nest.get(DataSource).manager;
  const rowOf = (id: string) => rows().findOneByOrFail(Endpoint, { id });
  const textsOf = ({ secrets, sealedHeaders, sealedPassword }: Endpoint) =>
    [...secrets.map(({ sealed }) => sealed), sealedHeaders, sealedPassword].filter((text) => text !== null);
  const anySealed = () => anEndpoint(app, appId, { url: receiver.url, headers: { authorization: 'mine' } });
  const secretOf = (id: string) => app.api.get(`/app/${appId}/endpoint/${id}/secret`);
  /** What a process knows after a start: nothing. */
  const forget = () => {
    const own = app.nest.get(DataKeys) as any;
    own.held.clear();
    own.current = null;
    app.nest.get(ApplicationCache).forget(appId);
  };
  const anotherProcess = () => {
    const dataSource = app.nest.get(DataSource);
    const config = loadConfig(app.env, localSecrets);
    return new DataKeys(config, dataSource, app.nest.get(Transactions, { strict: false }), createLog('silent'));
  };
  const arrived = (msgId: string) =>
    receiver.waitFor((all) => all.some(({ headers }) => headers['webhook-id'] === msgId), WAIT_MS);
  const mended = async () => {
    kms.trouble = null;
    await until(
      async () => ((await app.api.post(`/app/${appId}/endpoint`, { url: receiver.url })).status < 300 ? true : null),
      WAIT_MS,
      'KMS to be asked again',
    );
  };

  it('are read and sent with after a start, and new ones too', async () => {
    const { id } = await anySealed();
    const before = (await secretOf(id)).body;
    expect(textsOf(await rowOf(id))).toEqual([expect.stringMatching(ENVELOPE), expect.stringMatching(ENVELOPE)]);
    forget();

    const message = await aMessage(app, appId);
    expect((await arrived(message.id))[0]!.headers).toMatchObject({ authorization: 'mine' });
    expect((await secretOf(id)).body).toEqual(before);
    forget();
    expect((await app.api.patch(`/app/${appId}/endpoint/${id}/headers`, { headers: { 'x-new': '1' } })).status).toBe(204);
    forget();
    expect((await app.api.post(`/app/${appId}/endpoint/${id}/secret/rotate`, {})).status).toBe(204);
    expect((await rowOf(id)).secrets).toHaveLength(2);
  });

  it('take one call of KMS for many seals, messages and processes', async () => {
    for (let count = 0; count < 20; count++) await anEndpoint(app, appId, { url: receiver.url });
    for (let count = 0; count < 50; count++) await aMessage(app, appId);
    await receiver.waitFor((all) => all.length >= 1_000, WAIT_MS);
    expect(kms.calls).toEqual(['GenerateDataKey']);

    const others = Array.from({ length: 5 }, anotherProcess);
    const ids = await Promise.all(others.map(async (other) => (await other.forSeal())!.id));
    expect(new Set(ids).size).toBe(1);
    expect(kms.calls).toEqual(['GenerateDataKey', ...others.map(() => 'Decrypt')]);
    expect(await rows().query('SELECT id FROM data_key')).toEqual([{ id: ids[0] }]);
  });

  it('have one data key of a day, also if processes begin at the same time', async () => {
    const ids = await Promise.all(Array.from({ length: 10 }, async () => (await anotherProcess().forSeal())!.id));

    expect(new Set(ids).size).toBe(1);
    expect(await rows().query('SELECT id FROM data_key')).toHaveLength(1);
  });

  it('are bound: a copied one opens nowhere else, and a data key under another name not at all', async () => {
    const [one, other] = [await anySealed(), await anySealed()];
    await rows().update(Endpoint, { id: one.id }, { secrets: (await rowOf(other.id)).secrets });
    expect((await secretOf(one.id)).status).toBe(409);

    const [{ id }] = await rows().query('SELECT id FROM data_key');
    expect(kms.contexts[0]).toEqual({ service: 'posthorn', dataKey: id });
    await rows().query("UPDATE data_key SET id = '20200101-00000000-0'");
    const sealed = (await rowOf(other.id)).secrets[0]!.sealed.replace(id, '20200101-00000000-0');
    await rows().update(Endpoint, { id: other.id }, { secrets: [{ sealed, expiresAt: null }] });
    const { status, body } = await secretOf(other.id);
    expect([status, body.detail]).toEqual([409, expect.stringContaining('InvalidCiphertextException')]);
  });

  it.each(['silence', 'ThrottlingException', 'KMSInternalException'] as const)(
    'keep working from memory in spite of %s',
    async (trouble) => {
      const { id } = await anySealed();
      kms.trouble = trouble;

      await arrived((await aMessage(app, appId)).id);
      expect((await secretOf(id)).status).toBe(200);
      await anySealed();
    },
  );

  it.each(['silence', 'ThrottlingException'] as const)(
    'wait for KMS after a start in spite of %s: nothing fails, nothing is lost',
    async (trouble) => {
      const { id } = await anySealed();
      kms.trouble = trouble;
      forget();

      for (const answer of [await secretOf(id), await app.api.post(`/app/${appId}/endpoint`, { url: receiver.url })])
        expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([503, 'service_unavailable', '1']);
      expect((await app.api.get(`/app/${appId}/endpoint/${id}`)).body).not.toHaveProperty('unreadable');
      const message = await aMessage(app, appId);
      const postponed = async () => {
        const row = await rows().findOneBy(Delivery, { appId, msgId: message.id, endpointId: id });
        return row && row.fence === 0 && row.dueAt!.getTime() > Date.now() + 5_000 ? row : null;
      };
      await until(postponed, WAIT_MS, 'the delivery to be postponed');

      await mended();
      await arrived(message.id);
      expect((await app.api.get(`/app/${appId}/endpoint/${id}`)).body.disabled).toBe(false);
      expect(app.log.filter((line) => line.includes('"kms.away"'))).toHaveLength(1);
      expect(app.log.filter((line) => line.includes('"kms.back"'))).toHaveLength(1);
      expect(app.log.join()).not.toContain('endpoint_unreadable');
    },
  );

  it('are unreadable, with the reason, if KMS refuses their data key; the owner sees no name of a role', async () => {
    const { id } = await anySealed();
    kms.trouble = 'AccessDeniedException';
    forget();

    const { status, body } = await secretOf(id);
    expect([status, body.code]).toEqual([409, 'endpoint_unreadable']);
    const shown = (await app.api.get(`/app/${appId}/endpoint/${id}`)).body.unreadable;
    expect(shown).toMatch(/^The signing secret can't be opened: .* AWS KMS refuses \(AccessDeniedException\)$/);
    expect(JSON.stringify([body, shown])).not.toContain('hidden-role');
    expect((await app.api.post(`/app/${appId}/endpoint`, { url: receiver.url })).status).toBe(503);
    expect(app.log.find((line) => line.includes('"kms.refused"'))).toContain('hidden-role');
  });

  it('are forgotten soon by processes that have them in memory, if KMS refuses their data key from now on', async () => {
    const { id } = await anySealed();
    await arrived((await aMessage(app, appId)).id);
    Object.assign(app.nest.get(DataKeys), { refreshMs: 0 });
    kms.trouble = 'DisabledException';

    const shown = async () => {
      app.nest.get(ApplicationCache).forget(appId);
      return (await app.api.get(`/app/${appId}/endpoint/${id}`)).body.unreadable ?? null;
    };
    expect(await until(shown, WAIT_MS, 'the endpoint to be unreadable')).toContain('DisabledException');
  });

  it('never show a data key, neither in the log nor in the database', async () => {
    await anySealed();
    const { plain } = (await app.nest.get(DataKeys).forSeal())!;
    const kept = JSON.stringify([
      app.log,
      await rows().query('SELECT * FROM data_key'),
      await rows().query('SELECT * FROM endpoint'),
    ]);

    for (const encoding of ['base64', 'base64url', 'hex'] as const) expect(kept).not.toContain(plain.toString(encoding));
  });

  describe('with rekey', () => {
    const printed: string[] = [];
    const run = (env: Record<string, string>, dryRun = false) =>
      rekey(loadConfig({ ...app.env, ...env }, localSecrets), { dryRun, print: (line) => printed.push(line) });
    const versions = async (id: string) => textsOf(await rowOf(id)).map((text) => text.slice(0, 2));

    it('come from ENCRYPTION_KEY, and go back to it', async () => {
      const { id } = await anEndpoint(app, appId, { url: 'http://user:own@127.0.0.1:9/', headers: { 'x-own': '1' } });
      const before = (await secretOf(id)).body;
      expect(await versions(id)).toEqual(['s3', 's3', 's3']);

      expect(await run({ ENCRYPTION_KMS_KEY_ID: '' })).toBe(0);
      expect(await versions(id)).toEqual(['s2', 's2', 's2']);
      expect((await secretOf(id)).body).toEqual(before);

      await run({}, true);
      expect(printed.at(-1)).toBe('1 of 1 endpoints would be sealed again.');
      expect(await run({})).toBe(0);
      expect(await versions(id)).toEqual(['s3', 's3', 's3']);
      expect((await secretOf(id)).body).toEqual(before);
      expect(printed.at(-1)).toContain(`data keys of the KMS key ${KMS_KEY}`);
    });

    it('move to another KMS key', async () => {
      const { id } = await anySealed();
      const [before] = textsOf(await rowOf(id));

      expect(await run({ ENCRYPTION_KMS_KEY_ID: 'alias/other' })).toBe(0);
      expect(textsOf(await rowOf(id))[0]!.split('.')[1]).not.toBe(before!.split('.')[1]);
      expect((await secretOf(id)).status).toBe(200);
    });

    it('say that KMS does not answer, and change nothing', async () => {
      const { id } = await anySealed();
      const before = await rowOf(id);
      kms.trouble = 'ThrottlingException';

      await expect(run({ ENCRYPTION_KMS_KEY_ID: '' })).rejects.toThrow('AWS KMS does not answer');
      expect(await rowOf(id)).toEqual(before);
    });
  });

  it('are sealed with ENCRYPTION_KEY while an older release may run', async () => {
    await rows().query('DELETE FROM sealing_mode');
    const beside = await startApp({ ...app.env, DATA_DIR: `${app.env['DATA_DIR']}-beside` });
    try {
      await beside.nest.get(DataSource).query('DELETE FROM sealing_mode');
      const { id } = await anEndpoint(beside, (await anApplication(beside)).id, { url: receiver.url });
      const row = await beside.nest.get(DataSource).manager.findOneByOrFail(Endpoint, { id });
      expect(textsOf(row)).toEqual([expect.stringMatching(/^s1\./)]);
    } finally {
      await beside.stop();
    }
  });
});
