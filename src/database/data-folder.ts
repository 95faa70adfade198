import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';

/** The driver closes a connection that nothing refers to, and with it goes the lock: they are kept here, whatever the callers do. */
const HELD = new Set<Sqlite.Database>();

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
  HELD.add(lock);
  return {
    release() {
      HELD.delete(lock);
      lock.close();
    },
  };
}
