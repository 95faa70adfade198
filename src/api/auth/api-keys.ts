import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Batcher } from '../../async/batcher.js';
import type { ApiKey } from '../../database/entities/api-key.entity.js';
import { DatabaseAway } from '../../database/errors.js';
import { ApiKeyRepository } from '../../database/repositories/api-key.repository.js';
import { apiKeyHash, isApiKey } from '../../domain/api-key.js';
import type { VerifiedToken } from './auth.decorator.js';
import { unauthorized } from './bearer.js';
import { ApiKeyUse } from './api-key-use.js';
import { KEY_SCOPES, type KeyScope } from './key-scope.js';

const MAX_KNOWN = 10_000;
/** A key that was not found is not looked up again for so long. No key comes into being under a hash that somebody has guessed before. */
const UNKNOWN_MS = 10_000;
const MAX_UNKNOWN = 10_000;
/** A known key is read again after this time, beside the request. What ends a key arrives earlier, by its revocation. */
const READ_AGAIN_MS = 3_600_000;
/** Look-ups share statements, one at a time, so that guesses can't load the database. More than this many don't wait. */
const MAX_PER_LOOK_UP = 100;
const MAX_WAITING = 2_000;

/** A key in this process's memory. */
interface Known {
  token: VerifiedToken;
  /** On the monotonic clock. */
  readAt: number;
}

/**
 * Verifies API keys, by the hash of their text. Known keys are in memory, so a request costs no I/O. Hashes that no key has are kept apart
 * from them, and for a short time only: guesses can't flush the keys that are in use.
 *
 * Whatever ends a key (expiry, rotation) is a revocation too, and `Revocations` knows those of all processes.
 * - If the database is away: keys in memory stay valid, and others get 503.
 * - If the process dies, nothing is lost but the last uses of half a minute.
 */
@Injectable()
export class ApiKeys implements OnApplicationShutdown {
  private readonly known = new LRUCache<string, Known>({ max: MAX_KNOWN });
  private readonly unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_MS });
  private readonly lookUps = new Batcher<string, Known | null>({
    run: (hashes) => this.read(hashes),
    maxItems: MAX_PER_LOOK_UP,
    concurrency: 1,
  });

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly use: ApiKeyUse,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.lookUps.flush();
  }

  /** Throws 401 if there is no such key, or if it has expired; DatabaseAway if that is not known. Does not check revocations. */
  async verify(text: string): Promise<VerifiedToken> {
    if (!isApiKey(text)) throw unauthorized();
    const hash = apiKeyHash(text);
    const { token, readAt } = this.known.get(hash) ?? (await this.find(hash));
    if (token.refusedFrom <= Date.now()) throw unauthorized();
    if (performance.now() - readAt > READ_AGAIN_MS) this.readAgain(hash);
    return token;
  }

  /** Notes that a key was accepted. */
  noteUse({ id, tenant }: VerifiedToken): void {
    this.use.note(id, tenant!.orgId);
  }

  private async find(hash: string): Promise<Known> {
    if (this.unknown.has(hash)) throw unauthorized();
    if (this.lookUps.waiting >= MAX_WAITING) throw new DatabaseAway('Too many API keys wait to be looked up.');
    const found = await this.lookUps.add(hash);
    if (found === null) throw unauthorized();
    return found;
  }

  /** While the database is away the key stays as it is. */
  private readAgain(hash: string): void {
    const known = this.known.get(hash);
    // The next try is in an hour, or after the next request that finds it missing.
    if (known) known.readAt = performance.now();
    this.lookUps.add(hash).catch(() => undefined);
  }

  private async read(hashes: string[]): Promise<(Known | null)[]> {
    const rows = await this.repository.withHashes([...new Set(hashes)]);
    const readAt = performance.now();
    return hashes.map((hash) => {
      const row = rows.find((one) => one.hash === hash || one.oldHash === hash);
      const found = row ? { token: verifiedKey(row, hash), readAt } : null;
      if (found) this.known.set(hash, found);
      else {
        this.known.delete(hash);
        this.unknown.set(hash, true);
      }
      return found;
    });
  }
}

/** The bits of scopes, as they are stored. */
export function scopeBits(scopes: readonly KeyScope[]): number {
  return KEY_SCOPES.reduce((bits, scope, at) => (scopes.includes(scope) ? bits | (1 << at) : bits), 0);
}

/** The scopes of stored bits. A bit that this release does not know allows nothing. */
export function scopesOf({ scopes }: Pick<ApiKey, 'scopes'>): KeyScope[] {
  return KEY_SCOPES.filter((_scope, at) => (scopes & (1 << at)) !== 0);
}

function verifiedKey(key: ApiKey, hash: string): VerifiedToken {
  const isOld = key.hash !== hash;
  const ends = [key.expiresAt, isOld ? key.oldUntil : null].map((time) => time?.getTime() ?? Infinity);
  return {
    id: key.id,
    kind: 'key',
    tenant: { orgId: key.orgId, appId: key.appId, featureFlags: [], capabilities: null, scopes: scopesOf(key) },
    hash,
    name: key.id,
    session: null,
    issuedAt: (isOld ? key.oldSecretAt! : key.secretAt).getTime(),
    refusedFrom: Math.min(...ends),
  };
}
