import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AuditLog } from '../../src/api/audit/audit-log.js';
import { AuditRetention } from '../../src/background/audit-retention.js';
import { recordCommand } from '../../src/database/audit-rows.js';
import type { AuditEntry } from '../../src/database/entities/audit-entry.entity.js';
import { ApplicationRepository } from '../../src/database/repositories/application.repository.js';
import { AuditRepository } from '../../src/database/repositories/audit.repository.js';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication } from '../support/factories.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;
const OUTCOME_MS = 5_000;
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

let app: TestApp;
let repository: AuditRepository;

beforeAll(async () => {
  app = await startApp({ AUDIT_LOG_DAYS: '30' });
  repository = app.nest.get(AuditRepository, { strict: false });
});
afterAll(() => app.stop());
afterEach(() => void jest.restoreAllMocks());

const newest = async (): Promise<any> => (await app.api.get('/audit-log?limit=1')).body.data[0];
const applications = async (): Promise<number> => (await app.api.get('/app?limit=250')).body.data.length;
const logged = (event: string) => app.log.filter((line) => line.includes(`"msg":"${event}"`));

function anEntry(orgId: string, ageMs: number): AuditEntry {
  const id = newId('audit_', Date.now() - ageMs);
  const none = { appId: null, tokenId: null, requestId: null, address: null, createdId: null, status: null };
  return { ...none, orgId, id, operation: 'v1.application.create', actor: 'organization', objects: {}, fields: [] };
}

describe('a change whose entry can not be written', () => {
  it('is not made, and answered 503', async () => {
    const before = await applications();
    jest.spyOn(repository, 'add').mockRejectedValue(AWAY);
    expect(await app.api.post('/app', { name: 'Never' })).toMatchObject({
      status: 503,
      body: { code: 'service_unavailable' },
      headers: { 'retry-after': '1' },
    });
    expect(await applications()).toBe(before);
  });

  it('has the outcome of its answer, if the entry was written nevertheless', async () => {
    const add = repository.add.bind(repository);
    jest.spyOn(repository, 'add').mockImplementationOnce(async (rows) => {
      await add(rows);
      throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    });
    expect((await app.api.post('/app', { name: 'Never' })).status).toBe(503);
    await until(async () => (await newest()).outcome === 'failed', OUTCOME_MS, 'the outcome');
    expect(await newest()).toMatchObject({ operation: 'v1.application.create', status: 503 });
  });

  it('does not keep a message from being accepted', async () => {
    const { id } = await anApplication(app);
    jest.spyOn(repository, 'add').mockRejectedValue(AWAY);
    expect((await app.api.post(`/app/${id}/msg`, { eventType: 'a.b', payload: {} })).status).toBe(202);
  });
});

describe('an outcome', () => {
  it('is unknown until it is written', async () => {
    const written = Promise.withResolvers<void>();
    const complete = jest.spyOn(repository, 'complete').mockReturnValueOnce(written.promise);
    await anApplication(app);
    await until(() => complete.mock.calls.length > 0, OUTCOME_MS, 'the outcome');
    expect(await newest()).toMatchObject({ outcome: 'unknown', status: null });
    written.resolve();
  });

  it('that can not be written is tried again, and logged once', async () => {
    const before = logged('audit.away').length;
    jest.spyOn(repository, 'complete').mockRejectedValueOnce(AWAY).mockRejectedValueOnce(AWAY);
    const { id } = await anApplication(app);
    await until(async () => (await newest()).outcome === 'succeeded', OUTCOME_MS, 'the outcome');
    expect(await newest()).toMatchObject({ appId: id, status: 201 });
    expect(logged('audit.away')).toHaveLength(before + 1);
    expect(logged('audit.back')).not.toHaveLength(0);
  });

  it('is that of an error which nobody foresaw, too', async () => {
    const { id } = await anApplication(app);
    // Not a transaction of the data source: one in the background could come first.
    const applications = app.nest.get(ApplicationRepository, { strict: false });
    jest.spyOn(applications, 'update').mockRejectedValueOnce(new Error('kaboom'));
    await app.api.patch(`/app/${id}`, { name: 'Kaboom' });
    await until(async () => (await newest()).outcome === 'failed', OUTCOME_MS, 'the outcome');
    expect(await newest()).toMatchObject({ operation: 'v1.application.patch', status: 500 });
  });
});

describe('changes that come in one turn of the event loop', () => {
  it('are written in one statement, and so are their outcomes', async () => {
    const audit = app.nest.get(AuditLog, { strict: false });
    const [add, complete] = [jest.spyOn(repository, 'add'), jest.spyOn(repository, 'complete')];
    const entries = Array.from({ length: 60 }, () => anEntry('org_group-in-audit', 0));
    await Promise.all(entries.map((entry) => audit.begin(entry)));
    expect(add).toHaveBeenCalledTimes(1);
    for (const entry of entries) audit.end({ ...entry, status: 200 });
    const operator = app.as(app.operatorToken());
    const listed = async () =>
      (await operator.get('/audit-log?org_id=org_group-in-audit&limit=250')).body.data as { outcome: string }[];
    await until(async () => (await listed()).every(({ outcome }) => outcome === 'succeeded'), OUTCOME_MS, 'all outcomes');
    expect(await listed()).toHaveLength(entries.length);
    expect(complete).toHaveBeenCalledTimes(1);
  });
});

describe('entries that are too old', () => {
  const insert = async (ageMs: number) => {
    const entry = anEntry('org_old-in-audit', ageMs);
    await repository.add([entry]);
    return entry.id;
  };
  const left = async () => {
    const rows: { id: string }[] = await app.nest
      .get(DataSource)
      .query("SELECT id FROM audit_log WHERE org_id = 'org_old-in-audit'");
    return rows.map(({ id }) => id);
  };

  it('are removed in steps, and no others', async () => {
    const young = await insert(29 * DAY_MS);
    for (let n = 0; n < 3; n++) await insert(31 * DAY_MS + n);
    expect(await repository.removeBefore(young, 2)).toBe(2);
    expect(await app.nest.get(AuditRetention, { strict: false }).turn()).toBe(false);
    expect(await left()).toEqual([young]);
  });
});

describe('a command', () => {
  it('is in the log of operators', async () => {
    await recordCommand(app.nest.get(DataSource), { operation: 'command.rekey', objects: { endpoints: '3' } });
    const operator = app.as(app.operatorToken());
    const { data } = (await operator.get('/audit-log?org_id=operator&operation=command.rekey')).body;
    expect(data).toMatchObject([
      { actor: 'command', orgId: null, tokenId: null, objects: { endpoints: '3' }, outcome: 'succeeded', status: null },
    ]);
  });

  it('about an organisation is in its log', async () => {
    await recordCommand(app.nest.get(DataSource), { operation: 'command.expire-tokens', orgId: app.orgId });
    expect((await app.api.get('/audit-log?operation=command.expire-tokens')).body.data).toMatchObject([{ orgId: app.orgId }]);
  });
});
