import { afterEach, describe, expect, it } from '@jest/globals';
import { anInstallation, type Installation, type Server } from '../faults/installation.js';
import { apiAt } from '../support/api.js';
import { ownDatabase } from '../support/parts.js';
import { startMariaDb } from '../support/services.js';
import { until } from '../support/until.js';

const PATH = '/auth/api-token';
const as = (server: Server, token: string) => apiAt(`${server.url}/api/v1`, token);
const statusAt = async (server: Server, token: string) => (await as(server, token).get('/app')).status;

let installation: Installation | undefined;
afterEach(async () => {
  await installation?.remove();
  installation = undefined;
});

async function two(env: Record<string, string> = {}): Promise<{ one: Server; other: Server; id: string; token: string }> {
  installation = await anInstallation({ LOG_LEVEL: 'warn', ...env });
  const [one, other] = await Promise.all([installation.start({ role: 'api' }), installation.start({ role: 'api' })]);
  const { id, token } = (await one.api.post(PATH, { name: 'shared' })).body;
  return { one, other, id, token };
}

describe('an API key of one process', () => {
  it('is valid in another at once', async () => {
    const { other, token } = await two();
    expect(await statusAt(other, token)).toBe(200);
  });

  it.each([
    ['within a second when they share a cache', {}, 1_000],
    ['within five seconds when there is nothing but the database', { REDIS_URL: '' }, 5_000],
  ])('that expires is dead in another %s', async (_when, env, limitMs) => {
    const { one, other, id, token } = await two(env);
    expect(await statusAt(other, token)).toBe(200);
    expect((await one.api.post(`${PATH}/${id}/expire`, {})).status).toBe(204);
    await until(async () => (await statusAt(other, token)) === 401, limitMs, 'the other process to refuse the key');
  });

  it('that was rotated without overlap is dead in another, and the new secret is valid there', async () => {
    const { one, other, id, token } = await two();
    expect(await statusAt(other, token)).toBe(200);
    const fresh = (await one.api.post(`${PATH}/${id}/rotate`, { gracePeriodSeconds: 0 })).body.token;
    await until(async () => (await statusAt(other, token)) === 401, 1_000, 'the other process to refuse the old secret');
    expect(await statusAt(other, fresh)).toBe(200);
  });
});

describe('the number of API keys', () => {
  it('has a limit for creations at the same time too', async () => {
    const { one, other, id } = await two();
    const columns = 'org_id, name, scopes, app_id, creator, hint, expires_at, secret_at';
    await installation!.sql(
      `INSERT INTO api_key (id, hash, ${columns})
       SELECT CONCAT('key_', seq), LEFT(SHA2(seq, 256), 43), ${columns} FROM api_key, seq_1_to_997 WHERE id = ?`,
      [id],
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? one : other).api.post(PATH, { name: 'race' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(18);
  });
});

describe('with the database away', () => {
  it('a key that is known goes on, another one gets 503 with Retry-After, and no key is forgotten', async () => {
    const database = await startMariaDb();
    try {
      installation = await anInstallation({ LOG_LEVEL: 'warn' }, { database: await ownDatabase(database.url, 'keys_away') });
      const server = await installation.start({ role: 'api' });
      const made = await Promise.all([1, 2].map(() => server.api.post(PATH, { name: 'key' })));
      const [known, other] = made.map(({ body }) => body.token as string);
      // A feature that this service does not have: its answer needs the token and no row.
      const ask = (key: string) => fetch(`${server.url}/api/v1/connector`, { headers: { authorization: `Bearer ${key}` } });
      expect((await ask(known!)).status).toBe(404);

      await database.kill();

      expect((await ask(known!)).status).toBe(404);
      const answer = await ask(other!);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      await database.restart();
      await until(async () => (await ask(other!)).status === 404, 30_000, 'the other key to be known');
    } finally {
      await installation?.remove();
      installation = undefined;
      await database.stop();
    }
  });
});

describe('the use of keys', () => {
  it('costs a message no statement, also for a key of one application that names it by its uid', async () => {
    const { one } = await two();
    const { id } = (await one.api.post('/app', { name: 'Shop', uid: 'shop-of-key' })).body;
    const made = await one.api.post(PATH, { name: 'sends', scopes: ['send'], appId: id });
    const send = async (token: string) =>
      expect((await as(one, token).post('/app/shop-of-key/msg', { eventType: 'a.b', payload: {} })).status).toBe(202);
    await send(one.token);
    await send(made.body.token);
    const statements = async (token: string): Promise<number> => {
      await installation!.sql('TRUNCATE TABLE mysql.general_log');
      for (let n = 0; n < 5; n++) await send(token);
      const [row] = await installation!.sql(
        `SELECT COUNT(*) AS many FROM mysql.general_log
          WHERE command_type IN ('Query', 'Execute') AND (INSTR(argument, 'api_key') > 0 OR INSTR(argument, 'shop-of-key') > 0)
            AND INSTR(argument, 'general_log') = 0 AND INSTR(argument, 'last_used_at') = 0`,
      );
      return Number(row!['many']);
    };
    await installation!.sql("SET GLOBAL log_output = 'TABLE'");
    await installation!.sql('SET GLOBAL general_log = ON');
    try {
      expect([await statements(one.token), await statements(made.body.token)]).toEqual([0, 0]);
    } finally {
      await installation!.sql('SET GLOBAL general_log = OFF');
    }
  });

  it('is written in one statement, also at the end of a process', async () => {
    const { one, token, id } = await two();
    expect(await statusAt(one, token)).toBe(200);
    await one.stop();
    const [row] = await installation!.sql('SELECT last_used_at FROM api_key WHERE id = ?', [id]);
    expect(row!['last_used_at']).not.toBeNull();
  });
});
