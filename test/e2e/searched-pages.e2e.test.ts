import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import { newId } from '../../src/domain/ids.js';
import { startApp, type TestApp } from '../support/app.js';
import { anApplication, anEndpoint } from '../support/factories.js';

jest.setTimeout(120_000);
const ROWS = 12_000;
const AT_ONCE = 500;
/** The oldest and the newest message have this type. */
const RARE = 'order.rare';
/** They are the only ones with this channel, too. */
const CHANNEL = 'rare';

const dayAgo = () => encodeURIComponent(new Date(Date.now() - 86_400_000).toISOString());

interface Page {
  data: { id: string }[];
  iterator: string | null;
  prevIterator?: string;
  done: boolean;
}

describe('a list with a filter that matches hardly anything', () => {
  let app: TestApp;
  let appId: string;
  let endpointId: string;
  let rare: { messages: string[]; attempts: string[] };

  beforeAll(async () => {
    app = await startApp();
    ({ id: appId } = await anApplication(app));
    ({ id: endpointId } = await anEndpoint(app, appId, { url: 'http://127.0.0.1:9/' }));
    rare = await fill(app.nest.get(DataSource), appId, endpointId);
  });
  afterAll(() => app?.stop());

  /** All pages from the first one on, in the direction of the iterator. */
  const pages = async (path: string, start: string, backward = false): Promise<Page[]> => {
    const all: Page[] = [];
    for (let next: string | null = start; next !== null;) {
      const { body } = await app.api.get(`${path}${next}`);
      const page = body as unknown as Page;
      all.push(page);
      const iterator = backward ? page.prevIterator : page.iterator;
      next = page.done ? null : `&iterator=${iterator}`;
    }
    return all;
  };

  const LISTS = [
    ['messages', () => `/app/${appId}/msg?limit=50&event_types=${RARE}`, 'messages'],
    ['messages without content', () => `/app/${appId}/msg?limit=50&with_content=false&event_types=${RARE}`, 'messages'],
    ['attempts of an endpoint', () => `/app/${appId}/attempt/endpoint/${endpointId}?limit=50&event_types=${RARE}`, 'attempts'],
    ['messages of an endpoint', () => `/app/${appId}/endpoint/${endpointId}/msg?limit=50&event_types=${RARE}`, 'messages'],
  ] as const;

  it.each(LISTS)('has short pages, and finds everything once: %s', async (_, path, kind) => {
    const all = await pages(path(), '');
    expect(all.map(({ data }) => data.length)).toEqual([1, 0, 1]);
    expect(all.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(rare[kind]);
  });

  it.each(LISTS)('is read backward like that, too: %s', async (_, path, kind) => {
    const last = (await pages(path(), '')).at(-1)!;
    const all = await pages(path(), `&iterator=-${last.data[0]!.id}`, true);
    expect(all.flatMap(({ data }) => data.map(({ id }) => id))).toEqual([rare[kind][0]]);
    expect(all.length).toBeGreaterThan(1);
  });

  it.each(LISTS)('finds everything from `after` on, whichever iterator is followed: %s', async (_, path, kind) => {
    const from = `${path()}&after=${dayAgo()}`;
    for (const backward of [false, true]) {
      const all = await pages(from, '', backward);
      expect(all.map(({ data }) => data.length)).toEqual([1, 0, 1]);
      expect(all.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(rare[kind].toReversed());
    }
  });

  it("ends a poll like that, and its iterator passes nothing: a poll's own filter", async () => {
    const from = `/app/${appId}/poller/${endpointId}?event_type=${RARE}&after=${dayAgo()}`;
    const all = await pages(from, '');
    expect(all.map(({ data, done }) => [data.length, done])).toEqual([
      [1, false],
      [0, false],
      [1, true],
    ]);
    expect(all.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(rare.messages.toReversed());
  });

  it("ends a poll like that, and its iterator passes nothing: an endpoint's channels", async () => {
    const { id } = await anEndpoint(app, appId, { disabled: true, channels: [CHANNEL] });
    const consumer = `/app/${appId}/poller/${id}/consumer/one`;
    await app.api.post(`${consumer}/seek`, { after: decodeURIComponent(dayAgo()) });
    const all = await pages(`${consumer}?limit=50`, '');
    expect(all.map(({ data }) => data.length)).toEqual([1, 0, 1]);
    expect(all.flatMap(({ data }) => data.map((message) => message.id))).toEqual(rare.messages.toReversed());
  });

  it('ends at once where there is an index: failed attempts of an endpoint that has none', async () => {
    const { body } = await app.api.get(`/app/${appId}/attempt/endpoint/${endpointId}?status=2`);
    expect(body).toMatchObject({ data: [], done: true });
  });
});

/** Messages of the last hours with one delivered attempt each. Returns the ids of the rare ones, newest first. */
async function fill(database: DataSource, appId: string, endpointId: string) {
  const newest = Date.now() - 60_000;
  const found = { messages: [] as string[], attempts: [] as string[] };
  for (let from = 0; from < ROWS; from += AT_ONCE) {
    const rows = Array.from({ length: AT_ONCE }, (_, n) => {
      const at = newest - (from + n) * 1_000;
      const isRare = from + n === 0 || from + n === ROWS - 1;
      return { id: newId('msg_', at), attempt: newId('atmpt_', at), type: isRare ? RARE : 'order.paid' };
    });
    for (const { id, attempt, type } of rows.filter((row) => row.type === RARE)) {
      found.messages.push(id);
      found.attempts.push(attempt);
      expect(type).toBe(RARE);
    }
    const insert = (table: string, columns: string, values: string[]) =>
      database.query(`INSERT INTO ${table} (${columns}) VALUES ${values.join(',')}`);
    const kept = '2090-01-01 00:00:00.000';
    await insert(
      'message',
      'app_id, id, event_type, payload, payload_until, channels',
      rows.map(({ id, type }) => `('${appId}','${id}','${type}','{}','${kept}',${type === RARE ? `'["${CHANNEL}"]'` : 'NULL'})`),
    );
    await insert(
      'delivery',
      'msg_id, endpoint_id, run, app_id, state, attempts, fence, due_at',
      rows.map(({ id }) => `('${id}','${endpointId}',0,'${appId}',2,1,1,NULL)`),
    );
    await insert(
      'attempt',
      'msg_id, id, app_id, endpoint_id, url, status, trigger_type, status_code, duration_ms, response',
      rows.map(({ id, attempt }) => `('${id}','${attempt}','${appId}','${endpointId}','http://127.0.0.1:9/',0,0,200,1,'')`),
    );
  }
  return found;
}
