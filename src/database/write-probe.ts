import { stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { sqliteFile } from './data-source.js';
import { Database } from './database.js';
import { dialectOf, msAgo } from './dialect.js';
import { Transactions } from './transactions.js';
import { WriteState } from './write-state.js';

/** The table has so many rows. Processes choose one at random each time, so that they seldom wait for each other. */
const SLOTS = 64;

const REPLACED = 'The file of the database was removed or replaced.';

/** The file of the embedded database was removed or replaced: what is written now would be gone with the process. */
class FileReplaced extends Error {
  override readonly name = 'FileReplaced';
  readonly code = 'SQLITE_READONLY_DBMOVED';
}

/**
 * The probe of the health check: it reads the clock of the database, and commits one small row of a table that nothing else uses. So it also
 * notices a full disk, a read-only server and a storage that does not answer. It waits for no lock of the service's own work.
 */
@Injectable()
export class WriteProbe {
  private inode: number | null = null;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly database: Database,
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly writes: WriteState,
  ) {}

  /** Throws DatabaseAway and driver errors. Throws the error of a write that failed recently, even if this one succeeds. */
  async ask(): Promise<void> {
    await this.database.ping();
    try {
      await this.write();
    } catch (error) {
      this.writes.failed(error);
      throw error;
    }
    this.writes.succeeded();
    if (this.writes.problem !== null) throw this.writes.problem;
  }

  private async write(): Promise<void> {
    const dialect = dialectOf(this.dataSource);
    if (dialect === 'sqlite') await this.assertFile();
    const slot = Math.floor(Math.random() * SLOTS);
    await this.transactions.writeOnce(`REPLACE INTO write_probe (id, written_at) VALUES (?, ${msAgo(dialect, 0)})`, [slot]);
  }

  /** SQLite goes on writing into a file that was removed. A message that was accepted then would be lost with the process. */
  private async assertFile(): Promise<void> {
    const found = await stat(sqliteFile(this.config.dataDir)).catch(() => null);
    this.inode ??= found?.ino ?? null;
    const isOurs = found !== null && found.ino === this.inode;
    this.database.refuse(isOurs ? null : REPLACED);
    if (!isOurs) throw new FileReplaced(REPLACED);
  }
}
