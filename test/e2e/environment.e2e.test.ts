import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Svix } from 'svix';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';

const TYPES = [
  { name: 'order.lost', description: 'Lost', archived: true },
  { name: 'order.paid', description: 'Paid', schemas: { 1: { type: 'object' } }, deprecated: true, featureFlag: 'beta' },
];

describe('an environment', () => {
  let app: TestApp;
  let from: Svix;
  let to: Svix;
  let source: string;
  let target: string;

  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(async () => {
    source = app.tokenFor(randomOrgId());
    target = app.tokenFor(randomOrgId());
    from = app.svix(source);
    to = app.svix(target);
    for (const type of TYPES) await app.as(source).post('/event-type', type);
  });
  afterAll(() => app?.stop());

  const exported = () => from.environment.export();
  const withoutTimes = ({ createdAt: _created, updatedAt: _updated, ...type }: any) => type;

  it('is exported with all of its event types, the archived ones too', async () => {
    const { version, createdAt, eventTypes, settings, connectors } = await exported();

    expect({ version, settings, connectors }).toEqual({ version: 1, settings: null, connectors: [] });
    expect(Math.abs(createdAt.getTime() - Date.now())).toBeLessThan(60_000);
    expect(eventTypes).toMatchObject(TYPES);
  });

  it('is the same after it was imported elsewhere', async () => {
    // (As text: the client library of version 2 forgets the feature flag.)
    const environment = (await app.as(source).post('/environment/export')).body;
    expect((await app.as(target).post('/environment/import', environment)).status).toBe(204);
    const there = (await app.as(target).post('/environment/export')).body;

    expect(environment.eventTypes).toHaveLength(2);
    expect(there.eventTypes.map(withoutTimes)).toEqual(environment.eventTypes.map(withoutTimes));
  });

  it('keeps what the import does not have, and changes what it has', async () => {
    await to.eventType.create({ name: 'own', description: 'stays' });
    await to.eventType.create({ name: 'order.paid', description: 'before' });
    await to.environment.import({ eventTypes: (await exported()).eventTypes });

    expect((await to.eventType.get('own')).description).toBe('stays');
    expect((await to.eventType.get('order.paid')).description).toBe('Paid');
  });

  it('may be imported again, or empty', async () => {
    const { eventTypes } = await exported();
    await to.environment.import({ eventTypes });
    await to.environment.import({ eventTypes });
    await to.environment.import();

    expect((await to.environment.export()).eventTypes).toHaveLength(2);
  });

  it('is refused whole if a part of it is not acceptable', async () => {
    const eventTypes = [
      { name: 'good', description: '' },
      { name: 'not good', description: '' },
    ];
    const api = app.as(target);

    expect((await api.post('/environment/import', { eventTypes })).status).toBe(422);
    expect((await api.post('/environment/import', { connectors: [{ name: 'a', transformation: '' }] })).status).toBe(422);
    expect((await api.get('/event-type')).body.data).toEqual([]);
  });

  it("is not for an application's token", async () => {
    const portal = app.as(app.appTokenFor('app_any'));

    expect((await portal.post('/environment/export')).status).toBe(403);
    expect((await portal.post('/environment/import', {})).status).toBe(403);
  });
});
