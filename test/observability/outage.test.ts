import { describe, expect, it } from '@jest/globals';
import { DatabaseAway } from '../../src/database/errors.js';
import { isPermanentError } from '../../src/observability/permanent-error.js';
import { Outage } from '../../src/observability/outage.js';

const MINUTE = 60_000;
const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const refused = Object.assign(new Error('not authorized'), { name: 'AccessDenied', $fault: 'client' });
const named = (name: string, fields: object = {}) => Object.assign(new Error(name), { name, ...fields });
const database = (driverError: object) => Object.assign(new Error('query failed'), { name: 'QueryFailedError', driverError });

describe('a mistake or a refusal, which waiting does not mend', () => {
  it.each<[string, unknown]>([
    ['a bug', new TypeError('undefined is not a function')],
    ['a text that is no JSON', new SyntaxError('Unexpected token')],
    ['a missing permission in AWS', refused],
    ['a queue that does not exist', named('QueueDoesNotExist', { $fault: 'client' })],
    ['no credentials', named('CredentialsProviderError')],
    ['wrong SQL', database({ code: 'ER_PARSE_ERROR', sqlState: '42000' })],
    ['a value that is too long', named('Error', { code: 'ER_DATA_TOO_LONG', sqlState: '22001' })],
    ['wrong SQL on SQLite', database({ code: 'SQLITE_ERROR' })],
    ['a command that Redis refuses', named('ReplyError', { message: 'NOPERM no permissions' })],
  ])('is %s', (_, error) => expect(isPermanentError(error)).toBe(true));

  it.each<[string, unknown]>([
    ['a connection that is refused', away],
    ['a request that met no server', new TypeError('fetch failed', { cause: away })],
    ['a database that answers too late', database(new DatabaseAway('No answer within 10000 ms.'))],
    ['a deadlock', database({ code: 'ER_LOCK_DEADLOCK', sqlState: '40001' })],
    ['a lock that is held', database({ code: 'ER_LOCK_WAIT_TIMEOUT', sqlState: 'HY000' })],
    ['a busy SQLite', database({ code: 'SQLITE_BUSY' })],
    ['a queue that is too busy', named('RequestThrottled', { $fault: 'client' })],
    ['an error of SQS', named('InternalError', { $fault: 'server' })],
    ['a Redis that is full', named('ReplyError', { message: 'OOM command not allowed' })],
    ['a Redis that is loading', named('ReplyError', { message: 'LOADING Redis is loading' })],
    ['nothing that anybody knows', undefined],
  ])('is not %s', (_, error) => expect(isPermanentError(error)).toBe(false));
});

describe('what is said of work that fails again and again', () => {
  it('is one line for an outage, however long', () => {
    const trouble = new Outage();

    expect([0, 1, MINUTE, 10 * MINUTE].map((at) => trouble.failed(away, at))).toEqual(['warn', null, null, null]);
    expect(trouble.over(11 * MINUTE)).toBe(11 * MINUTE);
    expect(trouble.over(12 * MINUTE)).toBeNull();
    expect(trouble.failed(away, 13 * MINUTE)).toBe('warn');
  });

  it('is an error for a refusal, at once and every minute', () => {
    const trouble = new Outage();

    expect([0, 1, MINUTE - 1, MINUTE, MINUTE + 1].map((at) => trouble.failed(refused, at))).toEqual([
      'error',
      null,
      null,
      'error',
      null,
    ]);
  });

  it('is an error as soon as an outage turns out to be a refusal', () => {
    const trouble = new Outage();

    expect([away, away, refused, away].map((error, at) => trouble.failed(error, at))).toEqual(['warn', null, 'error', null]);
  });
});
