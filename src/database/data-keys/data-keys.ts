import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { DataKeyAway, dataKeyId, DataKeyNeeded, type DataKey } from '../../domain/data-key.js';
import { SealBroken } from '../../domain/envelope.js';
import { Log } from '../../observability/log.js';
import { Transactions } from '../transactions.js';
import { findDataKey, storeDataKey, type DataKeyRow } from './data-key-rows.js';
import { Kms } from './kms.js';

/** There is one for each day on which something was sealed. */
const MAX_KEYS = 2_000;
/** KMS is asked about a key in memory again after this time. So a key that it refuses from now on is forgotten here soon. */
const REFRESH_MS = 3_600_000;
/** How long a refusal of KMS is believed. */
const REFUSAL_KEPT_MS = 60_000;
/** How long it is believed that a key can't be had. */
const AWAY_KEPT_MS = 5_000;
/** While KMS is away, the last data key seals for so long. */
const MAX_SEALING_MS = 7 * 24 * 3_600_000;
const MAX_NUMBER = 9;

interface Held {
  key: DataKey;
  row: DataKeyRow;
  /** When KMS last gave it. On the monotonic clock. */
  since: number;
}

type Configured = Pick<AppConfig, 'sealing'>;

/**
 * Data keys: AWS KMS makes one a day, the table `data_key` keeps it encrypted by KMS, and processes keep it in memory after KMS has
 * decrypted it. All processes use the same one, because they give the key of a day the same id. (docs/adr/0079-data-keys-from-kms.md)
 *
 * A key in memory is used while KMS is away. If the process dies between making a key and storing it, nothing was sealed with that key.
 */
@Injectable()
export class DataKeys implements OnApplicationShutdown {
  refreshMs = REFRESH_MS;
  private readonly kms: Kms;
  private readonly held = new LRUCache<string, Held>({ max: MAX_KEYS });
  /** Id → why it can't be used. */
  private readonly refused = new LRUCache<string, SealBroken>({ max: MAX_KEYS, ttl: REFUSAL_KEPT_MS });
  private readonly away = new LRUCache<string, DataKeyAway>({ max: MAX_KEYS, ttl: AWAY_KEPT_MS });
  private readonly asking = new Map<string, Promise<void>>();
  private current: { key: DataKey; madeAt: number } | null = null;
  private making: Promise<DataKey> | null = null;

  constructor(
    @Inject(APP_CONFIG) private readonly config: Configured,
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    log: Log,
  ) {
    this.kms = new Kms(config.sealing.kms.region, log);
  }

  /** The KMS key of new data keys; null if texts are sealed without KMS. What was sealed with it before opens all the same. */
  get kmsKeyId(): string | null {
    return this.config.sealing.kms.keyId;
  }

  /** @throws SealBroken if KMS refuses it; DataKeyAway if KMS does not answer; DataKeyNeeded if it was not asked for, see `learn` */
  get(id: string): DataKey {
    const held = this.held.get(id);
    if (held) return held.key;
    throw this.refused.get(id) ?? this.away.get(id) ?? new DataKeyNeeded(id);
  }

  has(id: string): boolean {
    return this.held.has(id);
  }

  /** Gets these keys into memory. One that can't be had is no error here, but in `get`. Throws database errors. */
  async learn(ids: Iterable<string>): Promise<void> {
    const work = [...ids].map((id) => {
      const held = this.held.get(id);
      if (held) return this.refreshIfOld(held);
      return this.refused.has(id) ? undefined : this.ask(id);
    });
    await Promise.all(work);
  }

  /**
   * The data key for new texts: that of today. While KMS is away, the last one for up to a week. Null without a KMS key.
   *
   * @throws DataKeyAway if there is none, also if KMS refuses to make one
   */
  async forSeal(): Promise<DataKey | null> {
    const { kmsKeyId, current } = this;
    if (kmsKeyId === null) return null;
    const today = dataKeyId(kmsKeyId, Date.now(), 0).slice(0, -1);
    const held = current ? this.held.get(current.key.id) : undefined;
    if (held?.key.id.startsWith(today)) {
      this.refreshIfOld(held);
      return held.key;
    }
    try {
      return await (this.making ??= this.make(kmsKeyId).finally(() => (this.making = null)));
    } catch (error) {
      if (held && error instanceof DataKeyAway && Date.now() - current!.madeAt < MAX_SEALING_MS) return held.key;
      throw error;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.kms.close();
  }

  private async make(kmsKeyId: string): Promise<DataKey> {
    for (let number = 0; number <= MAX_NUMBER; number++) {
      const id = dataKeyId(kmsKeyId, Date.now(), number);
      const key = await this.ofToday(kmsKeyId, id);
      if (key === null) continue;
      this.current = { key, madeAt: Date.now() };
      return key;
    }
    throw new DataKeyAway('AWS KMS refuses all data keys of today, so nothing can be sealed');
  }

  /** The stored key with this id, or a new one; null if KMS refuses the stored one. */
  private async ofToday(kmsKeyId: string, id: string): Promise<DataKey | null> {
    if (!this.held.has(id) && (await findDataKey(this.dataSource, id)) === null) {
      const made = await this.generate(kmsKeyId, id);
      if (made) return made;
    }
    await this.learn([id]);
    try {
      return this.get(id);
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  /** Stored before it is used. Null if another process stored one with this id meanwhile. */
  private async generate(kmsKeyId: string, id: string): Promise<DataKey | null> {
    const refusal = this.away.get(id);
    if (refusal) throw refusal;
    try {
      const { plain, ...row } = await this.kms.call(id, (client) => client.generate(kmsKeyId, id));
      if (!(await storeDataKey(this.transactions, id, row))) return null;
      return this.hold({ id, plain }, row);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      const away = new DataKeyAway('AWS KMS refuses to make a data key, so nothing can be sealed; the log has the reason');
      this.away.set(id, away);
      throw away;
    }
  }

  private hold(key: DataKey, row: DataKeyRow): DataKey {
    this.held.set(key.id, { key, row, since: performance.now() });
    return key;
  }

  /** In the background: the key is used meanwhile, and stays if KMS does not answer. */
  private refreshIfOld({ key, row, since }: Held): void {
    if (performance.now() - since > this.refreshMs) void this.ask(key.id, row).catch(() => undefined);
  }

  /** Callers at the same time share one question. */
  private ask(id: string, row?: DataKeyRow): Promise<void> {
    const running = this.asking.get(id);
    if (running) return running;
    const started = this.decrypt(id, row).finally(() => this.asking.delete(id));
    this.asking.set(id, started);
    return started;
  }

  private async decrypt(id: string, known?: DataKeyRow): Promise<void> {
    try {
      const row = known ?? (await findDataKey(this.dataSource, id));
      if (row === null) throw new SealBroken(`Sealed with data key ${id}, which is not in the database`);
      const plain = await this.kms.call(id, (client) => client.decrypt(id, row));
      this.hold({ id, plain }, row);
    } catch (error) {
      if (error instanceof SealBroken) {
        this.held.delete(id);
        this.refused.set(id, error);
      } else if (error instanceof DataKeyAway) this.away.set(id, error);
      else throw error;
    }
  }
}
