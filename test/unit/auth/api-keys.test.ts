import { beforeEach, describe, expect, it } from '@jest/globals';
import type { ApiKeyUse } from '../../../src/api/auth/api-key-use.js';
import { ApiKeys } from '../../../src/api/auth/api-keys.js';
import type { ApiKey } from '../../../src/database/entities/api-key.entity.js';
import { DatabaseAway } from '../../../src/database/errors.js';
import type { ApiKeyRepository } from '../../../src/database/repositories/api-key.repository.js';
import { apiKeyHash, newApiKey } from '../../../src/domain/api-key.js';

let rows: ApiKey[];
let statements: string[][];
let isAway: boolean;
let keys: ApiKeys;

beforeEach(() => {
  rows = [];
  statements = [];
  isAway = false;
  const repository = {
    withHashes: async (hashes: string[]) => {
      statements.push(hashes);
      if (isAway) throw new DatabaseAway();
      return rows.filter(({ hash, oldHash }) => hashes.includes(hash) || (oldHash !== null && hashes.includes(oldHash)));
    },
  };
  keys = new ApiKeys(repository as unknown as ApiKeyRepository, {} as ApiKeyUse);
});

function aKey(more: Partial<ApiKey> = {}): string {
  const token = newApiKey();
  const at = new Date();
  rows.push({
    orgId: 'org_1',
    id: `key_${rows.length}`,
    name: 'key',
    scopes: 1,
    appId: null,
    creator: 'somebody',
    hash: apiKeyHash(token),
    hint: token.slice(0, 8),
    secretAt: at,
    oldHash: null,
    oldSecretAt: null,
    oldUntil: null,
    expiresAt: null,
    lastUsedAt: null,
    ...more,
  });
  return token;
}

describe('a key that is known', () => {
  it('is looked up once, also by many requests at the same time', async () => {
    const token = aKey();
    await Promise.all(Array.from({ length: 50 }, () => keys.verify(token)));
    await keys.verify(token);
    expect(statements).toHaveLength(1);
  });

  it('is valid while the database is away, and others get 503', async () => {
    const [token, other] = [aKey(), aKey()];
    await keys.verify(token);
    isAway = true;
    expect((await keys.verify(token)).id).toBe('key_0');
    await expect(keys.verify(other)).rejects.toThrow(DatabaseAway);
    isAway = false;
    expect((await keys.verify(other)).id).toBe('key_1');
  });

  it('expires in memory too', async () => {
    const token = aKey({ expiresAt: new Date(Date.now() + 50) });
    await keys.verify(token);
    for (const end = Date.now() + 60; Date.now() < end;) await new Promise(setImmediate);
    await expect(keys.verify(token)).rejects.toMatchObject({ status: 401 });
  });

  it('allows nothing by a scope that this release does not know', async () => {
    expect((await keys.verify(aKey({ scopes: 64 }))).tenant).toMatchObject({ scopes: [] });
  });
});

describe('guesses', () => {
  it('without the right checksum are refused without a look-up', async () => {
    for (const token of ['phk_', `phk_${'a'.repeat(49)}`, newApiKey().slice(0, -1)])
      await expect(keys.verify(token)).rejects.toMatchObject({ status: 401 });
    expect(statements).toEqual([]);
  });

  it('are looked up together, one statement at a time, and each once', async () => {
    const guesses = Array.from({ length: 500 }, () => newApiKey());
    const refused = await Promise.allSettled([...guesses, ...guesses].map((guess) => keys.verify(guess)));
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(statements.length).toBeLessThanOrEqual(10);
    for (const guess of guesses) await expect(keys.verify(guess)).rejects.toMatchObject({ status: 401 });
    expect(statements.length).toBeLessThanOrEqual(10);
  });

  it('do not push out the keys that are in use', async () => {
    const token = aKey();
    await keys.verify(token);
    const before = statements.length;
    for (let n = 0; n < 15; n++) await Promise.allSettled(Array.from({ length: 1_000 }, () => keys.verify(newApiKey())));
    const after = statements.length;
    await keys.verify(token);
    expect([after > before, statements.length]).toEqual([true, after]);
  });

  it('that are too many at once get 503, and no key is refused for them', async () => {
    const refused = await Promise.allSettled(Array.from({ length: 2_500 }, () => keys.verify(newApiKey())));
    const away = refused.filter((result) => result.status === 'rejected' && result.reason instanceof DatabaseAway);
    expect(away.length).toBeGreaterThan(300);
  });
});
