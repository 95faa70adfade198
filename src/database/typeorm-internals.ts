import type Sqlite from 'better-sqlite3';
import type { DataSource } from 'typeorm';

/**
 * The connection of better-sqlite3 that TypeORM uses. TypeORM does not publish it, so it may move with any release. This is the only
 * file that knows where it is; test/structure/internals.test.ts fails if it moves.
 */
export function sqliteConnection(dataSource: DataSource): Sqlite.Database {
  return (dataSource.driver as unknown as { databaseConnection: Sqlite.Database }).databaseConnection;
}

/**
 * Ends whatever transaction the connection is in, and makes TypeORM forget it. SQLite rolls a transaction back by itself if the disk is full. Then
 * TypeORM's own ROLLBACK fails, it believes for ever that it is in a transaction, and the next one that fails leaves the connection in a
 * real one: all that is written after that would be committed never.
 */
export function endSqliteTransaction(dataSource: DataSource): void {
  const connection = sqliteConnection(dataSource);
  if (connection.inTransaction) connection.exec('ROLLBACK');
  // With this driver it is always the same object.
  Object.assign(dataSource.createQueryRunner(), { isTransactionActive: false, transactionDepth: 0 });
}
