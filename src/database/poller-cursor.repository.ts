import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PollerCursor } from './entities/poller-cursor.entity.js';
import { isDuplicateKey } from './errors.js';
import { Transactions } from './transactions.js';

/** Whose cursor. */
export type PollerKey = Pick<PollerCursor, 'appId' | 'endpointId' | 'consumer'>;

/** The cursors of those who poll. */
@Injectable()
export class PollerCursorRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Where a consumer is; null if it never was here. */
  async position(key: PollerKey): Promise<string | null> {
    const cursor = await this.dataSource.manager.findOneBy(PollerCursor, key);
    return cursor?.position ?? null;
  }

  /** Puts the cursor somewhere, wherever it is. */
  async put(key: PollerKey, position: string): Promise<void> {
    await this.transactions.write(async (manager) => {
      const changed = await manager.update(PollerCursor, key, { position, updatedAt: new Date() });
      if (changed.affected === 0) await manager.insert(PollerCursor, { ...key, position, updatedAt: new Date() });
    });
  }

  /** Moves the cursor if it is still where it was read; false if somebody else moved it in between. */
  async move(key: PollerKey, from: string | null, to: string): Promise<boolean> {
    if (from === null) return this.begin(key, to);
    const changed = await this.transactions.write((manager) =>
      manager.update(PollerCursor, { ...key, position: from }, { position: to, updatedAt: new Date() }),
    );
    return changed.affected === 1;
  }

  private async begin(key: PollerKey, position: string): Promise<boolean> {
    try {
      await this.transactions.write((manager) => manager.insert(PollerCursor, { ...key, position, updatedAt: new Date() }));
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}
