import type Sqlite from 'better-sqlite3';
import type { DataSource } from 'typeorm';

/**
 * The connection of better-sqlite3 that TypeORM uses. TypeORM does not publish it, so it may move with any release. This is the only
 * file that knows where it is; test/structure/internals.test.ts fails if it moves.
 */
export function sqliteConnection(dataSource: DataSource): Sqlite.Database {
  return (dataSource.driver as unknown as { databaseConnection: Sqlite.Database }).databaseConnection;
}
