import { Injectable } from '@nestjs/common';
import { DataSource, In, LessThan, type EntityManager } from 'typeorm';
import { newId } from '../../domain/ids.js';
import type { IdWindow } from '../../domain/time-window.js';
import { lockOrganization } from '../count-limit.js';
import { Database } from '../database.js';
import { sqlTime } from '../dialect.js';
import { ApiKey } from '../entities/api-key.entity.js';
import { applyWindow, chunked, isKey } from '../list-query.js';
import { Transactions } from '../transactions.js';
import { RevocationKind, writeRevocations, type Revocation } from './token-revocation.repository.js';

/** Most keys of an organisation, expired ones included. */
export const MAX_KEYS = 1_000;
/** Expired keys are shown for so long, then a later creation removes them. */
const SHOWN_MS = 90 * 24 * 3_600_000;
/** Processes have read a changed key again long before. After that its revocation is not needed any more. */
const FORGET_MS = 30 * 24 * 3_600_000;
/** Keys in one statement. */
const MAX_PER_STATEMENT = 500;

/** What is chosen when a key is created. */
export type NewApiKey = Pick<ApiKey, 'orgId' | 'name' | 'scopes' | 'appId' | 'creator' | 'hash' | 'hint' | 'expiresAt'>;

/** A changed key, and what every process must know of the change. */
export interface ChangedKey {
  key: ApiKey;
  revocations: Revocation[];
}

/**
 * The table `api_key`. What ends a secret is written together with a row of `token_revocation`, which every process reads: so no process
 * goes on with a key that it has in its memory.
 */
@Injectable()
export class ApiKeyRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly database: Database,
  ) {}

  /** Creates a key; null if the organisation has too many. */
  async create(given: NewApiKey): Promise<ApiKey | null> {
    const at = Date.now();
    const none = { oldHash: null, oldSecretAt: null, oldUntil: null, lastUsedAt: null };
    const row: ApiKey = { ...given, ...none, id: newId('key_', at), secretAt: new Date(at) };
    const created = await this.transactions.write(async (manager) => {
      // Creations at the same time must not count the same keys.
      await lockOrganization(manager, given.orgId);
      await manager.delete(ApiKey, { orgId: given.orgId, expiresAt: LessThan(new Date(at - SHOWN_MS)) });
      if ((await manager.countBy(ApiKey, { orgId: given.orgId })) >= MAX_KEYS) return false;
      await manager.insert(ApiKey, row);
      return true;
    });
    return created ? row : null;
  }

  /** The key of the organisation with this id; null if there is none. */
  async find(orgId: string, id: string): Promise<ApiKey | null> {
    return isKey(id) ? this.dataSource.manager.findOneBy(ApiKey, { orgId, id }) : null;
  }

  /** Up to `count` keys, in the window's order of reading. */
  list(orgId: string, window: IdWindow, count: number): Promise<ApiKey[]> {
    const query = this.dataSource.manager.createQueryBuilder(ApiKey, 'k').where('k.orgId = :orgId', { orgId });
    return applyWindow(query, 'k.id', window, count).getMany();
  }

  /** The keys whose current or previous secret has one of these hashes. Throws DatabaseAway if the database is not ready. */
  async withHashes(hashes: readonly string[]): Promise<ApiKey[]> {
    this.database.assertReady();
    const { manager } = this.dataSource;
    const [current, previous] = await Promise.all([
      manager.findBy(ApiKey, { hash: In(hashes) }),
      manager.findBy(ApiKey, { oldHash: In(hashes) }),
    ]);
    return [...current, ...previous];
  }

  /** Expires a key at `at` (ms since 1970), unless it expires before; null if there is no such key. */
  expire(orgId: string, id: string, at: number): Promise<ChangedKey | null> {
    return this.change(orgId, id, async (manager, key) => {
      const expiresAt = key.expiresAt && key.expiresAt.getTime() <= at ? key.expiresAt : new Date(at);
      await manager.update(ApiKey, { orgId, id }, { expiresAt });
      return { key: { ...key, expiresAt }, revocations: [ended(orgId, id, at, key.secretAt)] };
    });
  }

  /** Gives the key a new secret. The one until now is valid until `oldUntil` (ms since 1970), and one from before ends now. */
  rotate(orgId: string, id: string, secret: Pick<ApiKey, 'hash' | 'hint'>, oldUntil: number): Promise<ChangedKey | null> {
    return this.change(orgId, id, async (manager, key) => {
      const now = Date.now();
      const changes = {
        ...secret,
        secretAt: new Date(now),
        oldHash: key.hash,
        oldSecretAt: key.secretAt,
        oldUntil: new Date(oldUntil),
      };
      await manager.update(ApiKey, { orgId, id }, changes);
      const revocations = [ended(orgId, key.hash, oldUntil, key.secretAt)];
      if (key.oldHash !== null) revocations.push(ended(orgId, key.oldHash, now, key.oldSecretAt!));
      return { key: { ...key, ...changes }, revocations };
    });
  }

  /** Notes that these keys were used until `at` (ms since 1970). */
  async used(keys: readonly Pick<ApiKey, 'orgId' | 'id'>[], at: number): Promise<void> {
    const time = sqlTime(at);
    for (const some of chunked(keys, MAX_PER_STATEMENT)) {
      const orgIds = [...new Set(some.map(({ orgId }) => orgId))];
      const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ');
      await this.transactions.write((manager) =>
        manager.query(
          `UPDATE api_key SET last_used_at = ? WHERE org_id IN (${marks(orgIds)}) AND id IN (${marks(some)})
             AND (last_used_at IS NULL OR last_used_at < ?)`,
          [time, ...orgIds, ...some.map(({ id }) => id), time],
        ),
      );
    }
  }

  private async change(
    orgId: string,
    id: string,
    apply: (manager: EntityManager, key: ApiKey) => Promise<ChangedKey>,
  ): Promise<ChangedKey | null> {
    if (!isKey(id)) return null;
    return this.transactions.write(async (manager) => {
      const locked = manager.connection.options.type === 'better-sqlite3' ? {} : { lock: { mode: 'pessimistic_write' } as const };
      const key = await manager.findOne(ApiKey, { where: { orgId, id }, ...locked });
      if (key === null) return null;
      const changed = await apply(manager, key);
      await writeRevocations(manager, changed.revocations);
      return changed;
    });
  }
}

/**
 * Refuses a key (by its id) or one secret of it (by its hash), as it is now, from `at` on.
 *
 * @param secretAt when the secret was made: by the clock of another process perhaps, which may be ahead of ours
 */
function ended(orgId: string, subject: string, at: number, secretAt: Date): Revocation {
  const issuedUntil = Math.max(Date.now(), secretAt.getTime());
  const forgetAt = Math.max(at, issuedUntil) + FORGET_MS;
  return { orgId, kind: RevocationKind.token, subject, issuedUntil, refusedFrom: at, forgetAt };
}
