import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import type { Api } from '../support/api.js';
import { aMessage, anApplication, anEndpoint, randomOrgId } from '../support/factories.js';
import { until } from '../support/until.js';

const WAIT_MS = 20_000;

let app: TestApp;
let operator: Api;

beforeAll(async () => {
  app = await startApp({ RETRY_SCHEDULE: '1800' });
  operator = app.as(app.operatorToken());
});
afterAll(() => app?.stop());

describe('the organisations', () => {
  const orgIds = [randomOrgId(), randomOrgId(), randomOrgId()].toSorted();
  let createdAt: string;

  beforeAll(async () => {
    for (const orgId of orgIds) {
      const api = app.as(app.tokenFor(orgId));
      const first = await anApplication({ api });
      createdAt = first.createdAt;
      await anApplication({ api });
    }
  });

  const read = async (limit: number) => {
    const pages: any[][] = [];
    for (let iterator = ''; ;) {
      const { body } = await operator.get(
        `/admin/organization?limit=${limit}${iterator && `&iterator=${encodeURIComponent(iterator)}`}`,
      );
      pages.push(body.data);
      if (body.done) return pages;
      iterator = body.iterator;
    }
  };

  it('are listed in pages, each once', async () => {
    const pages = await read(2);
    const ids = pages.flat().map(({ id }) => id);
    expect(ids.filter((id) => orgIds.includes(id))).toEqual(orgIds);
    expect(ids).toEqual([...new Set(ids)].toSorted());
    expect(pages.slice(0, -1).every((page) => page.length === 2)).toBe(true);
  });

  it('have the time of their first application', async () => {
    const all = (await read(250)).flat();
    expect(all.find(({ id }) => id === orgIds.at(-1))).toEqual({ id: orgIds.at(-1), createdAt });
  });

  it('are listed for operators only', async () => {
    expect((await app.api.get('/admin/organization')).status).toBe(403);
  });
});

describe('the backlog', () => {
  const backlog = async () => (await operator.get('/admin/backlog')).body;

  it('counts what is still to be sent, by when it is due', async () => {
    const { id } = await anApplication(app);
    await anEndpoint(app, id);
    const before = await backlog();
    expect(before).toMatchObject({ late: 0, countedUpTo: 10_000 });

    await aMessage(app, id);
    await aMessage(app, id, { deliverAt: new Date(Date.now() + 7_200_000) });
    await aMessage(app, id, { deliverAt: new Date(Date.now() + 20 * 3_600_000) });

    await until(
      async () => {
        const { withinHour, withinDay } = await backlog();
        return withinHour === before.withinHour + 1 && withinDay === before.withinDay + 2;
      },
      WAIT_MS,
      'a retry and two scheduled messages',
    );
  });

  it('is for operators only', async () => {
    expect((await app.api.get('/admin/backlog')).status).toBe(403);
  });
});
