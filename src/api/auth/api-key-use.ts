import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '../../async/loop.js';
import { ApiKeyRepository } from '../../database/repositories/api-key.repository.js';
import { errorFields, Log } from '../../observability/log.js';
import { Outage } from '../../observability/outage.js';

/** How often uses are written. A key's last use is at most this much older than shown. */
const WRITE_MS = 30_000;
/** More keys than that are not noted until the next writing. */
const MAX_KEYS = 100_000;

/**
 * The last uses of API keys. They are noted in memory and written together, in one statement for up to 500 keys, so a request never waits
 * for them.
 *
 * If the process is killed, the uses of the last half minute are lost. If the database is away they are written when it is back.
 */
@Injectable()
export class ApiKeyUse implements OnApplicationBootstrap, OnApplicationShutdown {
  /** The keys that were used since the last writing, with their organisations. */
  private used = new Map<string, string>();
  private readonly outage = new Outage();
  private readonly loop = new Loop({
    turn: async () => {
      await this.write();
      return WRITE_MS;
    },
  });

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
    await this.write();
  }

  /** A key was used now. */
  note(id: string, orgId: string): void {
    if (this.used.size < MAX_KEYS) this.used.set(id, orgId);
  }

  /** Writes what was noted. Never throws. */
  async write(): Promise<void> {
    if (this.used.size === 0) return;
    const used = this.used;
    this.used = new Map();
    try {
      const keys = [...used].map(([id, orgId]) => ({ id, orgId }));
      // All processes take the rows in the same order, so that they can't wait for each other in a circle.
      keys.sort((one, other) => (one.orgId + one.id < other.orgId + other.id ? -1 : 1));
      await this.repository.used(keys, Date.now());
      this.outage.over();
    } catch (error) {
      for (const [id, orgId] of used) this.note(id, orgId);
      const level = this.outage.failed(error);
      if (level) this.log[level]('auth.key_use_not_written', errorFields(error));
    }
  }
}
