import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { UserSession } from '../../src/database/user-session.js';

const SECRET = 'secret-in-a-statement';

let session: UserSession;
beforeEach(async () => {
  session = await UserSession.open(process.env['TEST_DATABASE_URL']!, [SECRET]);
});
afterEach(() => session.close());

it.each([
  ['a syntax error, whose message repeats the statement', "ALTER USER IDENTIFIED BY ? OOPS 'a'@'%'"],
  ['a name that is too long, whose message repeats it', 'CREATE USER ?'],
  ['a value that is refused', 'SET time_zone = ?'],
])('an error holds no secret: %s', async (_what, sql) => {
  const values = [sql.startsWith('CREATE') ? SECRET.repeat(20) : SECRET];
  const error: unknown = await session.run({ sql, values }).catch((thrown: unknown) => thrown);

  expect(error).toMatchObject({ name: 'DatabaseRefused', message: expect.stringContaining(`The statement: ${sql}`) });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(SECRET);
});
