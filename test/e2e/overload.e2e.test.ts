import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EngineStore } from '../../src/database/engine/engine-store.js';
import { Admission } from '../../src/ingest/admission.js';
import { MAX_IN_FLIGHT, MIN_IN_FLIGHT } from '../../src/ingest/admission-rule.js';
import { startApp, type TestApp } from '../support/app.js';
import { randomOrgId } from '../support/tokens.js';
import { until } from '../support/until.js';

const MESSAGE = { eventType: 'a', payload: {} };

/** The database stands still: groups begin, and end when the test says so. */
function stall(app: TestApp) {
  const store = app.nest.get(EngineStore, { strict: false });
  let goOn!: () => void;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const insert = store.insertGroup.bind(store);
  const spy = jest.spyOn(store, 'insertGroup').mockImplementation(async (...args) => {
    await held;
    return insert(...args);
  });
  return () => (goOn(), spy.mockRestore());
}

describe('a process with more messages than it can commit', () => {
  let app: TestApp;
  let goOn = () => {};
  beforeAll(async () => void (app = await startApp()));
  afterEach(() => goOn());
  afterAll(() => app?.stop());

  const newApp = async (token: string) => (await app.as(token).post('/app', { name: 'overload' })).body.id as string;
  const headers = (token: string, more = {}) => ({
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...more,
  });
  const post = (path: string, token: string, body: unknown, more = {}) =>
    fetch(`${app.url}/api/v1${path}`, { method: 'POST', headers: headers(token, more), body: JSON.stringify(body) });
  /** Takes all that may be in flight, with batches and messages of this organisation that end when the test says so. */
  const fill = (orgId: string) => {
    let end!: () => void;
    const held = new Promise<void>((resolve) => (end = resolve));
    const admission = app.nest.get(Admission, { strict: false });
    // The highest limit: from here it only falls, so that no room comes up while the test is slow.
    Object.assign(admission, { perSecond: 2 * MAX_IN_FLIGHT, limit: MAX_IN_FLIGHT });
    const batches = [1, 2, 3, 4].map(() => admission.run(orgId, MAX_IN_FLIGHT, 0, () => held));
    // A quarter is rounded down, so some single messages still fit.
    const rest = [1, 2, 3, 4].map(() => admission.run(orgId, 1, 0, () => held).catch(() => undefined));
    return async () => {
      end();
      await Promise.all([...batches, ...rest]);
    };
  };

  it('refuses the rest at once in the format of the API, frees the keys, and serves others and reads', async () => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const other = app.tokenFor(randomOrgId());
    const [appId, otherApp] = [await newApp(token), await newApp(other)];
    const empty = fill(orgId);

    const key = { 'idempotency-key': 'refused once', 'x-request-id': 'the-refused' };
    const refused = await post(`/app/${appId}/msg`, token, MESSAGE, key);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-request-id')).toBe('the-refused');
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await refused.json()).toEqual({ code: 'service_unavailable', detail: expect.any(String) });
    for (const path of [
      `/app/${appId}/msg/batch`,
      `/app/${appId}/msg/msg_1/endpoint/ep_1/resend`,
      `/app/${appId}/endpoint/ep_1/recover`,
      `/app/${appId}/endpoint/ep_1/replay-missing`,
      `/app/${appId}/endpoint/ep_1/bulk-replay`,
      `/app/${appId}/endpoint/ep_1/send-example`,
    ])
      expect([path, (await post(path, token, [MESSAGE])).status]).toEqual([path, 503]);

    // The handlers judge what the door does not know: another spelling of a path. Nothing is read before, so nothing is missing.
    for (const path of [
      `/app/${appId}/msg/msg_1/endpoint/ep_1/resend/`,
      `/app/${appId}/endpoint/ep_1/recover/`,
      `/app/${appId}/endpoint/ep_1/replay-missing/`,
      '/admin/redrive-dlq/',
    ])
      expect([path, (await post(path, token, { since: new Date().toISOString() })).status]).toEqual([path, 503]);

    expect((await app.as(token).get(`/app/${appId}/msg`)).status).toBe(200);
    expect((await app.root.get('/health')).status).toBe(200);
    expect((await app.root.get('/health/ready')).status).toBe(200);
    expect((await post(`/app/${otherApp}/msg`, other, MESSAGE)).status).toBe(202);

    await empty();
    expect((await post(`/app/${appId}/msg`, token, MESSAGE, key)).status).toBe(202);
  });

  /** Sends pieces of a request, each when the last one has left, until the connection ends: what was received, and how many pieces were sent. */
  const exchange = (head: string[], pieces: string[]) =>
    new Promise<{ received: string; sent: number }>((end) => {
      const { hostname, port } = new URL(app.url);
      let received = '';
      let sent = 0;
      const socket = connect(Number(port), hostname);
      const next = (): void => {
        if (sent < pieces.length && !socket.destroyed) socket.write(pieces[sent++]!, () => setImmediate(next));
      };
      socket.on('data', (data) => (received += data.toString())).on('error', () => undefined);
      socket.on('close', () => end({ received, sent }));
      socket.write(`${head.join('\r\n')}\r\n\r\n`, next);
    });
  const headOf = async (more: string[]) => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const appId = await newApp(token);
    return { orgId, head: [`POST /api/v1/app/${appId}/msg HTTP/1.1`, 'host: a', `authorization: Bearer ${token}`, ...more] };
  };

  it('answers a refused request whose connection closes in full, after its body, and then closes', async () => {
    const pieces = Array.from({ length: 200 }, () => 'x'.repeat(10_000));
    const { orgId, head } = await headOf(['connection: close', 'content-length: 2000000']);
    const empty = fill(orgId);

    const { received, sent } = await exchange(head, pieces);

    await empty();
    expect(sent).toBe(pieces.length);
    const [top, body] = received.split('\r\n\r\n');
    expect(top).toMatch(/^HTTP\/1\.1 503 [^]*retry-after: \d[^]*connection: close/i);
    expect(Number(/content-length: (\d+)/i.exec(top!)![1])).toBe(body!.length);
    expect(JSON.parse(body!)).toMatchObject({ code: 'service_unavailable' });
  });

  it('ends the connection of a refused body without a length that is larger than the route takes', async () => {
    const { orgId, head } = await headOf(['transfer-encoding: chunked']);
    const empty = fill(orgId);

    const { received, sent } = await exchange(
      head,
      Array.from({ length: 400 }, () => `10000\r\n${'x'.repeat(0x10000)}\r\n`),
    );

    await empty();
    expect(received).toMatch(/^HTTP\/1\.1 503/);
    expect(sent).toBeLessThan(400);
  });

  it('answers all requests of one connection in order, refused ones and others', async () => {
    const orgId = randomOrgId();
    const token = app.tokenFor(orgId);
    const appId = await newApp(token);
    const body = JSON.stringify(MESSAGE);
    const head = [
      `POST /api/v1/app/${appId}/msg HTTP/1.1`,
      'host: posthorn',
      `authorization: Bearer ${token}`,
      `content-length: ${body.length}`,
      'x-request-id: ',
    ].join('\r\n');
    const request = (id: string) => `${head}${id}\r\n\r\n${body}`;
    const { hostname, port } = new URL(app.url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'connect');
    /** Status and id of each answer. */
    const answers = () =>
      [...text.matchAll(/HTTP\/1\.1 (\d+)[^]*?x-request-id: (\S+)/g)].map(([, status, id]) => `${status} ${id}`);
    const answersTo = async (sent: string, count: number) => {
      text = '';
      socket.write(sent);
      await until(() => answers().length >= count && text.endsWith('}'), 10_000, `${count} answers`);
      return answers();
    };
    /** What is the same in all refusals. */
    const constant = () =>
      text
        .replace(/(date|x-request-id|retry-after): .*/gi, '')
        .toLowerCase()
        .split('\r\n')
        .toSorted();

    expect(await answersTo(request('warm'), 1)).toEqual(['202 warm']);
    const empty = fill(orgId);
    expect(await answersTo(request('by-node'), 1)).toEqual(['503 by-node']);
    const byNode = constant();
    expect(await answersTo(request('quick-1'), 1)).toEqual(['503 quick-1']);
    expect(constant()).toEqual(byNode);
    expect(await answersTo(request('quick-2') + request('behind'), 2)).toEqual(['503 quick-2', '503 behind']);
    expect(await answersTo(request('quick-3'), 1)).toEqual(['503 quick-3']);
    await empty();
    expect(await answersTo(request('accepted'), 1)).toEqual(['202 accepted']);
    socket.destroy();
  });

  it('answers 503 to what waits for too long, never writes it, and frees its key', async () => {
    const token = app.tokenFor(randomOrgId());
    const appId = await newApp(token);
    goOn = stall(app);
    const before = Array.from({ length: 3 }, async () => post(`/app/${appId}/msg`, token, MESSAGE));
    const store = app.nest.get(EngineStore, { strict: false });
    await until(() => jest.mocked(store.insertGroup).mock.calls.length > 0, 5_000, 'the first group');
    const late = Array.from({ length: MIN_IN_FLIGHT / 2 }, (_, n) =>
      post(`/app/${appId}/msg`, token, { ...MESSAGE, eventId: `late-${n}` }, { 'idempotency-key': `late ${n}` }),
    );
    const statuses = await Promise.race([Promise.all(late.slice(-3)), Promise.all(late)]);
    expect(statuses.map(({ status }) => status)).toContain(503);

    goOn();
    await Promise.all(before);
    const answers = await Promise.all(late);
    const dropped = answers.flatMap(({ status }, n) => (status === 503 ? [n] : []));
    for (const n of dropped.slice(0, 5)) {
      const again = await post(
        `/app/${appId}/msg`,
        token,
        { ...MESSAGE, eventId: `late-${n}` },
        { 'idempotency-key': `late ${n}` },
      );
      expect(again.status).toBe(202);
    }
  });

  it('answers 503, and writes nothing, if the endpoints of the application change during each try', async () => {
    const token = app.tokenFor(randomOrgId());
    const appId = await newApp(token);
    const store = app.nest.get(EngineStore, { strict: false });
    const spy = jest.spyOn(store, 'insertGroup').mockResolvedValue({ kind: 'stale', appIds: [appId] });
    const refused = await post(`/app/${appId}/msg`, token, MESSAGE);
    spy.mockRestore();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([503, true]);
    expect((await app.as(token).get(`/app/${appId}/msg`)).body.data).toEqual([]);
  });

  it('says so in the log once at the beginning, and in the metrics', () => {
    const lines = app.log.filter((line) => line.includes('ingest.overloaded'));
    expect(lines).toHaveLength(1);
    expect(app.nest.get(Admission, { strict: false }).shed.queue).toBeGreaterThan(0);
  });
});
