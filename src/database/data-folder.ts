import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { makePrivateFile, makePrivateFolder } from '../config/private-folder.js';
import { refusalOf } from './errors.js';
import { adviceOn } from './write-state.js';

/** The driver closes a connection that was garbage collected, which releases its lock. So the connections are kept here. */
const HELD = new Set<Sqlite.Database>();

/**
 * Locks the data folder for this process. The embedded database has one writer, and a start makes all deliveries due that were being
 * sent: a second process would send them twice.
 *
 * If the process dies: the operating system releases the lock.
 *
 * @param waitMs how long to wait for the lock, in ms
 * @throws Error if another process still holds the lock then
 */
export function holdDataFolder(dataDir: string, waitMs: number): { release(): void } {
  const file = join(dataDir, 'lock.sqlite');
  makePrivateFolder(dataDir);
  makePrivateFile(file);
  const lock = new Sqlite(file, { timeout: waitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw refusalOf(error, adviceOn(error));
    throw new Error(`${dataDir} is in use by another Posthorn process. Stop that process, or set DATA_DIR to another folder.`, {
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
