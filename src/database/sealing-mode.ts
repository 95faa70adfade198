import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { sqlTime } from './dialect.js';
import { isDuplicateKey } from './errors.js';

/** How long a "not bound" that was read is believed, in ms. After turning it on, `rekey` waits for longer. */
export const MODE_KEPT_MS = 5_000;
const BOUND = 'bound';

/**
 * Whether secrets are bound to their rows when they are sealed, and passwords of URLs are sealed. Releases before this one can read
 * neither. So the row that turns it on is written where no such release can be beside this one: by the first migration of an empty
 * database, and by the command `rekey`. It is never turned off. (docs/adr/0075-bound-sealing.md)
 */
@Injectable()
export class SealingMode {
  private bound = false;
  private believedUntil = 0;

  constructor(private readonly dataSource: DataSource) {}

  async isBound(): Promise<boolean> {
    if (this.bound || performance.now() < this.believedUntil) return this.bound;
    const rows: unknown[] = await this.dataSource.query('SELECT 1 FROM sealing_mode WHERE name = ?', [BOUND]);
    this.bound = rows.length > 0;
    this.believedUntil = performance.now() + MODE_KEPT_MS;
    return this.bound;
  }
}

/** Turns the binding on for all processes. Returns false if it was on already. */
export async function turnBindingOn(manager: Pick<EntityManager, 'query'>): Promise<boolean> {
  try {
    await manager.query('INSERT INTO sealing_mode (name, since) VALUES (?, ?)', [BOUND, sqlTime(Date.now())]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
