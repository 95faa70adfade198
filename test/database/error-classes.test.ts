import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANSWERS } from '../../src/database/error-classes.js';
import { classOf, isAway, isLockConflict, isTransient, isUndecided } from '../../src/database/errors.js';

/** Each error is caused, and not made up: the codes are what the driver really says. */
let folder: string;
let file: string;
let db: Sqlite.Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-errors-'));
  file = join(folder, 'a.sqlite');
  db = new Sqlite(file);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB NOT NULL)');
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const insert = (size = 10) =>
  db.prepare('INSERT INTO t (name, body) VALUES (?, ?)').run(String(Math.random()), Buffer.alloc(size));
const errorOf = (work: () => unknown): { code: string } => {
  try {
    work();
  } catch (error) {
    return error as { code: string };
  }
  throw new Error('There was no error.');
};

describe('SQLite says', () => {
  it.each<[string, string, () => unknown]>([
    [
      'SQLITE_FULL',
      'full',
      () => {
        db.pragma('max_page_count = 4');
        for (let left = 10; left > 0; left--) insert(10_000);
      },
    ],
    [
      'SQLITE_BUSY',
      'conflict',
      () => {
        const other = new Sqlite(file, { timeout: 0 });
        db.exec('BEGIN IMMEDIATE');
        try {
          other.exec('BEGIN IMMEDIATE');
        } finally {
          other.close();
        }
      },
    ],
    [
      'SQLITE_BUSY_SNAPSHOT',
      'conflict',
      () => {
        const other = new Sqlite(file, { timeout: 0 });
        other.exec('BEGIN; SELECT * FROM t');
        insert();
        try {
          other.exec("INSERT INTO t (name, body) VALUES ('a', 'b')");
        } finally {
          other.close();
        }
      },
    ],
    [
      'SQLITE_READONLY',
      'readOnly',
      () => {
        db.pragma('query_only = 1');
        insert();
      },
    ],
    ['SQLITE_CANTOPEN', 'unreached', () => new Sqlite(join(folder, 'gone.sqlite'), { fileMustExist: true })],
    [
      'SQLITE_NOTADB',
      'damaged',
      () => {
        const other = join(folder, 'other.sqlite');
        writeFileSync(other, 'This is a text and no database. '.repeat(100));
        new Sqlite(other).exec('SELECT * FROM sqlite_master');
      },
    ],
    [
      'SQLITE_CORRUPT',
      'damaged',
      () => {
        for (let left = 50; left > 0; left--) insert(5_000);
        db.close();
        truncateSync(file, 8 * 4_096);
        db = new Sqlite(file);
        db.prepare('SELECT SUM(LENGTH(body)) FROM t').get();
      },
    ],
    [
      'SQLITE_CONSTRAINT_UNIQUE',
      'duplicate',
      () => {
        for (let left = 2; left > 0; left--) db.exec("INSERT INTO t (name, body) VALUES ('a', 'b')");
      },
    ],
    [
      'SQLITE_CONSTRAINT_PRIMARYKEY',
      'duplicate',
      () => {
        for (let left = 2; left > 0; left--) db.exec("INSERT INTO t (id, body) VALUES (1, 'b')");
      },
    ],
    ['SQLITE_CONSTRAINT_NOTNULL', 'badData', () => db.exec('INSERT INTO t (body) VALUES (NULL)')],
    ['SQLITE_MISMATCH', 'badData', () => db.exec("INSERT INTO t (id, body) VALUES ('a', 'b')")],
    ['SQLITE_ERROR', 'unknown', () => db.exec('SELECT * FROM nothing')],
  ])('%s: %s', (code, expected, work) => {
    const error = errorOf(work);

    expect(error.code.startsWith(code)).toBe(true);
    expect(classOf(error)).toBe(expected);
    // As TypeORM throws it.
    expect(classOf(Object.assign(new Error('query failed'), { driverError: error }))).toBe(expected);
  });

  // A file may not grow beyond the limit of the process: the system refuses the write, as a broken disk does.
  it('SQLITE_IOERR: failing', () => {
    const program = `
      const db = new (require('better-sqlite3'))(${JSON.stringify(file)});
      try { for (;;) db.prepare("INSERT INTO t (body) VALUES (zeroblob(100000))").run(); } catch (error) { console.log(error.code); }`;
    const { stdout } = spawnSync('sh', ['-c', 'ulimit -f 1000; exec "$0" -e "$1"', process.execPath, program], {
      encoding: 'utf8',
      cwd: join(import.meta.dirname, '../..'),
    });

    expect(stdout.trim()).toBe('SQLITE_IOERR_WRITE');
    expect(classOf({ code: stdout.trim() })).toBe('failing');
  });

  it('SQLITE_IOERR_SHMSIZE: full (test/faults/full-disk causes it)', () => {
    expect(classOf({ code: 'SQLITE_IOERR_SHMSIZE' })).toBe('full');
  });
});

it('each class has one answer: a 503 tells the caller why, and whatever is tried again at once is decided', () => {
  for (const [name, answer] of Object.entries(ANSWERS)) {
    expect({ name, told: answer.detail !== '' }).toEqual({ name, told: answer.status === 503 });
    if (answer.again === 'at once') expect(answer.undecided).toBe(false);
  }
});

/** TiDB gives these no number of their own. The texts are from pingcap/tidb issues 26716 and 58564, and from client-go. */
it.each([
  ['conflict', 'pessimistic lock retry limit reached'],
  ['conflict', 'tikv aborts txn: Error(Txn(Error(Mvcc(Error(PessimisticLockNotFound { start_ts: TimeStamp(1) })))))'],
  ['full', 'message:"" disk_full:<store_id:1 reason:"disk usage is full" > '],
  ['unknown', 'other error: unknown error Wire Error(InvalidEnumValue(4004))'],
])('1105 is %s if it says "%s"', (expected, text) => {
  expect(classOf(Object.assign(new Error(text), { code: 'ER_UNKNOWN_ERROR', errno: 1105 }))).toBe(expected);
});

it('an error that is not of a database is of no class', () => {
  for (const error of [new Error('x'), new TypeError('y'), null, undefined, 'z', Object.assign(new Error('a'), { code: 7 })]) {
    expect(classOf(error)).toBe('unknown');
    expect([isAway(error), isLockConflict(error), isTransient(error), isUndecided(error)]).toEqual([false, false, false, false]);
  }
});
