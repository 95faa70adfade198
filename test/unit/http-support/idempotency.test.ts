import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Idempotency } from '../../../src/api/http-support/idempotency.js';
import { JsonText, writtenJson } from '../../../src/api/http-support/json-text.js';
import { LocalCache } from '../../../src/cache/local-cache.js';
import { DatabaseSilent } from '../../../src/database/errors.js';
import { newId } from '../../../src/domain/ids.js';
import { SealingMode } from '../../../src/database/sealing-mode.js';
import { Sealer } from '../../../src/domain/sealing.js';

let cache: LocalCache;
const BOUND = { isBound: async () => true } as unknown as SealingMode;
let idempotency: Idempotency;

function post(headers: Record<string, string> = {}, url = '/api/v1/app', method = 'POST'): FastifyRequest {
  return { method, url, headers: { authorization: 'Bearer a', 'idempotency-key': 'k', ...headers } } as unknown as FastifyRequest;
}

function reply(statusCode = 201) {
  const answer = {
    statusCode,
    status(code: number) {
      answer.statusCode = code;
      return answer;
    },
  };
  return answer as unknown as FastifyReply;
}

/** Another process with the same cache. */
const elsewhere = () => new Idempotency(cache, new Sealer([Buffer.alloc(32, 1)]), BOUND);

/** Work that counts its runs in the answer. */
function counter() {
  let runs = 0;
  return () => Promise.resolve({ id: `msg_${++runs}`, at: new Date(0) });
}

beforeEach(() => {
  cache = new LocalCache();
  idempotency = new Idempotency(cache, new Sealer([Buffer.alloc(32, 1)]), BOUND);
});

describe('a repeated request', () => {
  it('has the first answer and its status', async () => {
    const [work, second] = [counter(), reply(200)];
    await idempotency.once(post(), reply(201), work);
    const body = await idempotency.once(post(), second, work);
    expect([writtenJson(body), second.statusCode]).toEqual(['{"id":"msg_1","at":"1970-01-01T00:00:00.000Z"}', 201]);
  });

  it.each([
    ['another key', post({ 'idempotency-key': 'other' })],
    ['another token', post({ authorization: 'Bearer b' })],
    ['another path', post({}, '/api/v1/event-type')],
    ['another query', post({}, '/api/v1/app?get_if_exists=true')],
    ['no key', post({ 'idempotency-key': '' })],
    ['another method', post({}, '/api/v1/app', 'PUT')],
  ])('with %s runs', async (_what, request) => {
    const work = counter();
    await idempotency.once(post(), reply(), work);
    expect(await idempotency.once(request, reply(), work)).toMatchObject({ id: 'msg_2' });
  });

  it('has the first answer in the same bytes', async () => {
    const work = () => Promise.resolve({ schemas: new JsonText('{ "1": {"examples": [1152921506151679042, 1.10]} }') });
    const first = await idempotency.once(post(), reply(), work);
    const second = await idempotency.once(post(), reply(), () => Promise.reject(new Error('It ran.')));

    expect(writtenJson(first)).toBe('{"schemas":{ "1": {"examples": [1152921506151679042, 1.10]} }}');
    expect(writtenJson(second)).toBe(writtenJson(first));
  });

  it('has an empty answer if the first one was', async () => {
    await idempotency.once(post(), reply(204), () => Promise.resolve(undefined));
    const second = reply(200);
    expect(await idempotency.once(post(), second, () => Promise.reject(new Error('It ran.')))).toBeUndefined();
    expect(second.statusCode).toBe(204);
  });

  it('runs if the first one failed', async () => {
    await expect(idempotency.once(post(), reply(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await idempotency.once(post(), reply(), counter())).toMatchObject({ id: 'msg_1' });
  });

  it('waits for the first one while that runs', async () => {
    const [work, running] = [counter(), Promise.withResolvers<void>()];
    const first = idempotency.once(post(), reply(), () => running.promise.then(work));
    const second = idempotency.once(post(), reply(), work);
    setTimeout(running.resolve, 150);
    const [one, other] = (await Promise.all([first, second])).map(writtenJson);
    expect([one, other]).toEqual([expect.stringContaining('"msg_1"'), one]);
  });

  it('takes over when the first one fails while it waits', async () => {
    const running = Promise.withResolvers<{ id: string; at: Date }>();
    const first = idempotency.once(post(), reply(), () => running.promise);
    const second = idempotency.once(post(), reply(), counter());
    running.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    expect(await second).toMatchObject({ id: 'msg_1' });
  });

  /** The answer to a request that waits in vain, with the time that it waits for skipped. */
  const waitsInVain = async () => {
    jest.useFakeTimers();
    const second = elsewhere()
      .once(post(), reply(), counter())
      .catch((error: unknown) => error);
    await jest.advanceTimersByTimeAsync(11_000);
    jest.useRealTimers();
    return second;
  };

  it('gives up with 503 when the first one takes too long', async () => {
    await idempotency.once(post(), reply(), async () =>
      expect(await waitsInVain()).toMatchObject({ status: 503, code: 'service_unavailable' }),
    );
  });

  it('is not run beside one of which nobody knows what the database will do', async () => {
    const silent = () => Promise.reject(new DatabaseSilent('No answer within 8 s.'));
    await expect(idempotency.once(post(), reply(), silent)).rejects.toThrow('No answer');
    expect(await waitsInVain()).toMatchObject({ status: 503 });
  });

  it('has the answer of the one that runs in the same process, also while the cache is away', async () => {
    jest.spyOn(cache, 'lock').mockResolvedValue({ state: 'unprotected' });
    const [work, second] = [counter(), reply(200)];
    const answers = await Promise.all([idempotency.once(post(), reply(201), work), idempotency.once(post(), second, work)]);
    expect([...answers.map(({ id }) => id), second.statusCode]).toEqual(['msg_1', 'msg_1', 201]);
  });

  it('runs unprotected while the cache is away', async () => {
    jest.spyOn(cache, 'lock').mockResolvedValue({ state: 'unprotected' });
    const work = counter();
    await idempotency.once(post(), reply(), work);
    expect(await idempotency.once(post(), reply(), work)).toMatchObject({ id: 'msg_2' });
  });
});

describe('an answer', () => {
  it.each([
    ['12 hours', 'mine', 12 * 3_600_000],
    ['10 minutes under a key that a library made', 'auto_1', 600_000],
  ])('is kept for %s', async (_what, key, keepMs) => {
    const finish = jest.spyOn(cache, 'saveAnswer');
    await idempotency.once(post({ 'idempotency-key': key }), reply(), counter());
    expect(finish.mock.calls[0]![3]).toBe(keepMs);
  });

  it('is kept sealed, for it may carry a token', async () => {
    const finish = jest.spyOn(cache, 'saveAnswer');
    await idempotency.once(post(), reply(), () => Promise.resolve({ token: 'eyJhbGciOi' }));
    expect(finish.mock.calls[0]![2]).not.toContain('eyJhbGciOi');
  });
});

describe('a repeated request for a thing with a name', () => {
  type AssignedId = { id: string; key: { hash: string } | null };

  /** Keeps what was made and, as the database does, for which key. */
  function shop(atMs?: number) {
    const made = new Map<string, string>();
    return {
      made,
      newId: () => newId('msg_', atMs ?? Date.now()),
      create: ({ id, key }: AssignedId) => {
        const known = made.get(key?.hash ?? id);
        made.set(key?.hash ?? id, known ?? id);
        return Promise.resolve({ id: known ?? id, known: known !== undefined });
      },
      created: (id: string) => ({ id }),
      existing: (id: string) => Promise.resolve([...made.values()].includes(id) ? { id } : null),
    };
  }

  const dies = () => new Promise<never>(() => {});

  it('has an answer about the thing that the first one made', async () => {
    const work = shop();
    const first = await idempotency.createOnce(post(), work);
    expect(await idempotency.createOnce(post(), work)).toEqual(first);
    expect(work.made.size).toBe(1);
  });

  it('makes another one under another key', async () => {
    const work = shop();
    await idempotency.createOnce(post(), work);
    await idempotency.createOnce(post({ 'idempotency-key': 'other' }), work);
    expect(work.made.size).toBe(2);
  });

  it('has the thing whose maker died before he could answer', async () => {
    const work = shop();
    void elsewhere().createOnce(post(), { ...work, create: (assigned: AssignedId) => work.create(assigned).then(dies) });
    expect(await idempotency.createOnce(post(), work)).toEqual({ id: [...work.made.values()][0] });
    expect(work.made.size).toBe(1);
  });

  it('takes the place of one that died before it made anything', async () => {
    void elsewhere().createOnce(post(), { ...shop(Date.now() - 61_000), create: dies });
    const work = shop();
    await idempotency.createOnce(post(), work);
    expect(work.made.size).toBe(1);
  });

  it.each([
    ['in the same process', () => idempotency],
    ['in another process', elsewhere],
  ])('waits for one that is under way %s', async (_where, there) => {
    const [work, running] = [shop(), Promise.withResolvers<void>()];
    const slow = { ...work, create: (assigned: AssignedId) => running.promise.then(() => work.create(assigned)) };
    const first = there().createOnce(post(), slow);
    const second = idempotency.createOnce(post(), work);
    setTimeout(running.resolve, 150);
    expect(await second).toEqual(await first);
    expect(work.made.size).toBe(1);
  });

  it('makes the thing if the first one failed', async () => {
    const work = shop();
    await expect(idempotency.createOnce(post(), { ...work, create: () => Promise.reject(new Error('no')) })).rejects.toThrow(
      'no',
    );
    await idempotency.createOnce(post(), work);
    expect(work.made.size).toBe(1);
  });

  it('takes the place of one that fails while it waits, and of several that wait one does', async () => {
    const [work, running] = [shop(), Promise.withResolvers<never>()];
    const first = idempotency.createOnce(post(), { ...work, create: () => running.promise });
    const others = [idempotency.createOnce(post(), work), idempotency.createOnce(post(), work)];
    setTimeout(() => running.reject(new Error('no')), 50);
    await expect(first).rejects.toThrow('no');
    expect(new Set((await Promise.all(others)).map(({ id }) => id)).size).toBe(1);
    expect(work.made.size).toBe(1);
  });

  it('leaves the key with what it named while nobody knows what the database will do', async () => {
    const work = shop();
    const silent = { ...work, create: () => Promise.reject(new DatabaseSilent('No answer within 8 s.')) };
    await expect(idempotency.createOnce(post(), silent)).rejects.toThrow('No answer');
    const claim = jest.spyOn(cache, 'lock');
    await idempotency.createOnce(post(), work);
    expect(await claim.mock.results[0]!.value).toMatchObject({ state: 'running' });
  });

  it('is refused while whoever had its key before is not known', async () => {
    const work = { ...shop(), create: ({ id }: AssignedId) => Promise.resolve({ id, known: true }) };
    await expect(idempotency.createOnce(post(), work)).rejects.toMatchObject({ status: 503 });
  });

  it.each([
    ['away', async () => void jest.spyOn(cache, 'lock').mockResolvedValue({ state: 'unprotected' })],
    ['flushed', () => cache.close()],
  ])('has the first answer when the cache is %s', async (_what, mistreat) => {
    const work = shop();
    const first = await idempotency.createOnce(post(), work);
    await mistreat();
    expect(await elsewhere().createOnce(post(), work)).toEqual(first);
    expect(work.made.size).toBe(1);
  });

  it.each([
    ['12 hours', 'mine', 12 * 3_600_000],
    ['10 minutes under a key that a library made', 'auto_1', 600_000],
  ])('is known as one for %s', async (_what, key, keepMs) => {
    const claim = jest.spyOn(cache, 'lock');
    const make = jest.fn<ReturnType<typeof shop>['create']>(({ id }) => Promise.resolve({ id, known: false }));
    await idempotency.createOnce(post({ 'idempotency-key': key }), { ...shop(), create: make });
    expect(claim.mock.calls[0]![2]).toBe(keepMs);
    expect(make.mock.calls[0]![0]).toMatchObject({ key: { keepMs } });
  });
});
