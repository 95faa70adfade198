import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Transactions } from '../../src/database/transactions.js';
import { sqliteConnection } from '../../src/database/typeorm-internals.js';

let dataSource: DataSource;
let transactions: Transactions;

beforeEach(async () => {
  dataSource = await new DataSource({ type: 'better-sqlite3', database: ':memory:' }).initialize();
  await dataSource.query('CREATE TABLE application (id INTEGER, version INTEGER, filler TEXT)');
  transactions = new Transactions(dataSource);
});
afterEach(() => dataSource.destroy());

const write = () =>
  transactions.write((manager) =>
    manager.query('INSERT INTO application VALUES (1, 1, hex(zeroblob(100000)))').then(() => 'written'),
  );
const isOpen = () => sqliteConnection(dataSource).inTransaction;

const fail = () =>
  transactions.write(async (manager) => {
    await manager.query('INSERT INTO application VALUES (1, 1, NULL)');
    throw new Error('no');
  });

it('leaves no transaction open when the work fails', async () => {
  await expect(fail()).rejects.toThrow('no');
  expect([isOpen(), await dataSource.query('SELECT * FROM application')]).toEqual([false, []]);
});

it('leaves none open after a full disk either: what is written later would never be committed', async () => {
  const [{ page_count: pages }] = await dataSource.query('PRAGMA page_count');
  await dataSource.query(`PRAGMA max_page_count = ${pages}`);
  // SQLite rolls back by itself.
  await expect(write()).rejects.toThrow('full');
  await dataSource.query('PRAGMA max_page_count = 1073741823');
  await expect(fail()).rejects.toThrow('no');
  expect(isOpen()).toBe(false);
  expect([await write(), isOpen()]).toEqual(['written', false]);
});
