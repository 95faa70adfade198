import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { localSecrets } from '../../src/config/local-secrets.js';
import { Endpoint } from '../../src/database/entities/endpoint.entity.js';
import { Sealer } from '../../src/domain/sealing.js';
import { rekey } from '../../src/database/rekey/rekey.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';

const [oldKey, newKey] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
const BOTH = `${newKey},${oldKey}`;

/** As in a rotation: the service has both keys and still seals with the old one; the command has the new one first. */
describe('rekey', () => {
  let app: TestApp;
  let receiver: Receiver;
  let appId: string;
  let printed: string[];

  beforeEach(async () => {
    app = await startApp({ ENCRYPTION_KEY: `${oldKey},${newKey}` });
    receiver = await startReceiver();
    appId = (await anApplication(app)).id;
    printed = [];
    // As an installation that an older release has worked on.
    await app.nest.get(DataSource).query('DELETE FROM sealing_mode');
  });
  afterEach(async () => {
    await app?.stop();
    await receiver?.stop();
  });

  const run = (keys = BOTH, dryRun = false) =>
    rekey(loadConfig({ ...app.env, ENCRYPTION_KEY: keys }, localSecrets), { dryRun, print: (line) => printed.push(line) });
  const rows = () => app.nest.get(DataSource).manager;
  const rowOf = (id: string) => rows().findOneByOrFail(Endpoint, { id });
  const textsOf = ({ secrets, sealedHeaders }: Endpoint) => [...secrets.map(({ sealed }) => sealed), sealedHeaders ?? ''];
  const aSealedEndpoint = () => anEndpoint(app, appId, { url: receiver.url, headers: { authorization: 'mine', 'x-own': '1' } });

  it('seals everything with the first key, bound to its row, while the service runs and does not notice', async () => {
    const { id } = await aSealedEndpoint();
    const path = `/app/${appId}/endpoint/${id}`;
    const before = (await app.api.get(`${path}/secret`)).body;
    await aMessage(app, appId);

    expect(await run()).toBe(0);

    const only = new Sealer([Buffer.from(newKey, 'base64')]);
    expect(textsOf(await rowOf(id)).map((text) => only.isCurrent(text, true))).toEqual([true, true]);
    expect(printed.at(-1)).toContain('the others can go');
    await aMessage(app, appId);
    expect((await receiver.got(2))[1]!.headers).toMatchObject({ authorization: 'mine' });
    expect((await app.api.get(`${path}/secret`)).body).toEqual(before);
    expect((await app.api.get(`${path}/headers`)).body.headers).toEqual({ 'x-own': '1' });
  });

  it('changes nothing the second time', async () => {
    const { id } = await aSealedEndpoint();
    await run();
    const first = await rowOf(id);

    expect(await run()).toBe(0);

    expect(await rowOf(id)).toEqual(first);
    expect(printed.at(-3)).toBe('Pass 1: 0 of 1 endpoints were sealed again.');
  });

  it('has an entry in the audit log', async () => {
    await run();

    const { body } = await app.as(app.operatorToken()).get('/audit-log?operation=command.rekey&org_id=operator');
    expect(body.data[0]).toMatchObject({ actor: 'command', outcome: 'succeeded', objects: { unreadable: '0' } });
  });

  it('counts and writes nothing in a dry run', async () => {
    const { id } = await aSealedEndpoint();
    const before = await rowOf(id);

    expect(await run(BOTH, true)).toBe(0);

    expect(await rowOf(id)).toEqual(before);
    expect(await rows().query('SELECT name FROM sealing_mode')).toEqual([]);
    expect(printed).toEqual([
      expect.stringMatching(/^s1\.[0-9a-f]{8}: 2 sealed texts$/),
      '1 of 1 endpoints would be sealed again.',
    ]);
  });

  it('names the endpoints that it can not open, and does the others', async () => {
    const fine = await aSealedEndpoint();
    const broken = await aSealedEndpoint();
    const lost = new Sealer([randomBytes(32)]).seal('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    await rows().update(Endpoint, { id: broken.id }, { secrets: [{ sealed: lost, expiresAt: null }] });

    expect(await run()).toBe(1);

    expect(printed.at(-1)).toMatch(new RegExp(`${broken.id} of ${appId}: Sealed with key [0-9a-f]{8}, which is not configured`));
    expect((await rowOf(fine.id)).secrets[0]!.sealed).toMatch(/^s2\./);
  });

  it('overwrites no secret that is rotated at the same time', async () => {
    const endpoints = await Promise.all(Array.from({ length: 10 }, aSealedEndpoint));
    const secrets = endpoints.map(() => `whsec_${randomBytes(24).toString('base64')}`);
    const rotations = async () => {
      for (const [at, { id }] of endpoints.entries())
        await app.api.post(`/app/${appId}/endpoint/${id}/secret/rotate`, { key: secrets[at] });
    };

    await rows().query(`INSERT INTO sealing_mode (name, since) VALUES ('bound', '2026-01-01 00:00:00.000')`);
    await Promise.all([run(`${oldKey},${newKey}`), rotations()]);

    const shown = await Promise.all(endpoints.map(({ id }) => app.api.get(`/app/${appId}/endpoint/${id}/secret`)));
    expect(shown.map(({ body }) => body.key)).toEqual(secrets);
  });
});
