import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Endpoint, type SealedSecret } from '../../src/database/entities/endpoint.entity.js';
import { Sealer } from '../../src/domain/sealing.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

describe('what is sealed of an endpoint', () => {
  let app: TestApp;
  let appId: string;
  let one: Endpoint;
  let other: Endpoint;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    appId = (await anApplication(app)).id;
    one = await rowOf((await anEndpoint(app, appId, { headers: { authorization: 'mine' } })).id);
    other = await rowOf((await anEndpoint(app, appId, { headers: { authorization: 'theirs' } })).id);
  });
  afterAll(() => app?.stop());

  const rows = () => app.nest.get(DataSource).manager;
  const rowOf = (id: string) => rows().findOneByOrFail(Endpoint, { id });
  const write = (columns: Partial<Endpoint>) => rows().update(Endpoint, { id: one.id }, columns);
  const shown = () => app.api.get(`/app/${appId}/endpoint/${one.id}`);

  it('is bound to its row: a secret that was copied from another endpoint does not open', async () => {
    await write({ secrets: other.secrets });

    expect((await app.api.get(`/app/${appId}/endpoint/${one.id}/secret`)).status).toBe(409);
    expect((await shown()).body.unreadable).toMatch(/signing secret can't be opened: .* copied from elsewhere/);
  });

  it('is bound to its row: headers that were copied from another endpoint do not open', async () => {
    await write({ sealedHeaders: other.sealedHeaders });

    expect((await app.api.get(`/app/${appId}/endpoint/${one.id}/headers`)).status).toBe(409);
  });

  it('is bound to its field: headers do not open as a secret', async () => {
    await write({ secrets: [{ sealed: one.sealedHeaders!, expiresAt: null }] });

    expect((await app.api.get(`/app/${appId}/endpoint/${one.id}/secret`)).status).toBe(409);
  });

  it('is read if an older release sealed it, without a binding', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    await write({ secrets: [{ sealed: app.nest.get(Sealer, { strict: false }).seal(secret), expiresAt: null }] });

    expect((await app.api.get(`/app/${appId}/endpoint/${one.id}/secret`)).body).toEqual({ key: secret });
  });

  describe('beside an older release', () => {
    let older: TestApp;

    beforeEach(async () => {
      older = await startApp();
      // As on a database that was not empty when this release migrated it.
      await older.nest.get(DataSource).query('DELETE FROM sealing_mode');
    });
    afterEach(() => older?.stop());

    it('is sealed as that release reads it', async () => {
      const { id } = await anEndpoint(older, (await anApplication(older)).id, { headers: { 'x-own': '1' } });
      const row = await older.nest.get(DataSource).manager.findOneByOrFail(Endpoint, { id });
      const texts = [row.sealedHeaders!, ...row.secrets.map(({ sealed }: SealedSecret) => sealed)];

      expect(texts.map((text) => text.slice(0, 3))).toEqual(['s1.', 's1.']);
    });
  });
});
