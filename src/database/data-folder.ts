import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/**
 * Holds the data folder for this process: the embedded database has one writer, and rows that were being sent when it
 * died are released at the next start, which would be wrong while another process still sends them.
 * The operating system gives the lock back when the process dies, however it dies.
 */
export function holdDataFolder(dataDir: string, waitMs: number): { release(): void } {
  mkdirSync(dataDir, { recursive: true });
  const lock = new Sqlite(join(dataDir, 'lock.sqlite'), { timeout: waitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
    throw new Error(`${dataDir} is in use by another Posthorn process. Stop that one, or set DATA_DIR to another folder.`, {
      cause: error,
    });
  }
  return { release: () => lock.close() };
}
