import type { DataSource } from 'typeorm';
import { recordCommand } from './audit-rows.js';
import { sqlTime } from './dialect.js';
import { NO_ORGANIZATION } from './entities/audit-entry.entity.js';
import { RevocationKind, writeRevocations, type Revocation } from './repositories/token-revocation.repository.js';
import { Transactions } from './transactions.js';

/** Whose tokens expire, and up to which time of issue (ms since 1970). */
export interface Expiry {
  /** An organisation, or `operator` for the tokens of operators. */
  owner: string;
  issuedUntil: number;
  /** Whether the organisation's API keys stay. */
  keepKeys: boolean;
}

/**
 * Expires all tokens of an owner that were issued until a time, and API keys whose secret is from then. Running processes read the rows
 * every two seconds. The audit log has an entry of it. Answers how many API keys were valid until now.
 */
export function expireTokens(dataSource: DataSource, { owner, issuedUntil, keepKeys }: Expiry): Promise<number> {
  const now = Date.now();
  const mark = (kind: RevocationKind): Revocation => ({
    orgId: owner,
    kind,
    subject: owner,
    issuedUntil,
    refusedFrom: now,
    // Some of the tokens may never expire by themselves.
    forgetAt: null,
  });
  return new Transactions(dataSource).write(async (manager) => {
    await recordCommand(manager, {
      operation: 'command.expire-tokens',
      ...(owner === NO_ORGANIZATION ? {} : { orgId: owner }),
      objects: { issuedUntil: new Date(issuedUntil).toISOString(), apiKeys: keepKeys ? 'kept' : 'expired' },
    });
    await writeRevocations(manager, [RevocationKind.organization, ...(keepKeys ? [] : [RevocationKind.keys])].map(mark));
    if (keepKeys) return 0;
    const valid = 'org_id = ? AND secret_at <= ? AND (expires_at IS NULL OR expires_at > ?)';
    const values = [owner, sqlTime(issuedUntil), sqlTime(now)];
    const [row] = (await manager.query(`SELECT COUNT(*) AS many FROM api_key WHERE ${valid}`, values)) as [{ many: number }];
    await manager.query(`UPDATE api_key SET expires_at = ? WHERE ${valid}`, [sqlTime(now), ...values]);
    return Number(row.many);
  });
}
