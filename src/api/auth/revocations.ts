import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SharedCache } from '../../cache/shared-cache.js';
import {
  RevocationKind,
  TokenRevocationRepository,
  type Revocation,
} from '../../database/repositories/token-revocation.repository.js';
import { errorFields, Log } from '../../observability/log.js';
import { Outage } from '../../observability/outage.js';
import type { VerifiedToken } from './auth.decorator.js';
import { sessionKey } from './tokens.js';

/** How often it is asked for what other processes revoked, in case their word did not arrive. */
const REFRESH_MS = 2_000;
/** How often is forgotten what nobody needs any more. */
const SWEEP_MS = 3_600_000;
/** Tokens with a session are minted here, and live no longer than this. */
const MAX_LIFETIME_MS = 29 * 24 * 3_600_000;
/** What the processes tell each other, in the place of an application's id, which never looks like this. */
const NEWS = 'token-revocation';

type Mark = Pick<Revocation, 'issuedUntil' | 'refusedFrom' | 'forgetAt'>;

/**
 * The tokens that are refused although they have not expired. The table is kept whole in the process, so that asking costs a
 * request nothing; it grows by log-outs and expiries only.
 *
 * A revocation is committed before it is answered, and holds in this process from then on. Another process hears of it through
 * the cache, or by asking the database every two seconds. A process that dies after the commit has told nobody: they ask. Until
 * the table was read once, no token is good; when the database goes away later, what is known goes on being refused.
 */
@Injectable()
export class Revocations implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly marks = new Map<string, Mark[]>();
  private readonly timers: NodeJS.Timeout[] = [];
  private lastAdded: string | null = null;
  private loaded = false;
  private readonly trouble = new Outage();

  constructor(
    private readonly repository: TokenRevocationRepository,
    private readonly cache: SharedCache,
    private readonly log: Log,
  ) {
    cache.onInvalidation((news) => {
      if (news === NEWS) void this.refreshQuietly();
    });
  }

  onApplicationBootstrap(): void {
    this.timers.push(setInterval(() => void this.refreshQuietly(), REFRESH_MS).unref());
    this.timers.push(setInterval(() => this.sweep(), SWEEP_MS).unref());
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Throws DatabaseAway as long as nothing is known at all. */
  async isRevoked(token: VerifiedToken): Promise<boolean> {
    if (!this.loaded) await this.refresh();
    if (this.marks.size === 0) return false;
    const now = Date.now();
    return keysOf(token).some((key) =>
      this.marks.get(key)?.some((mark) => token.issuedAt <= mark.issuedUntil && mark.refusedFrom <= now),
    );
  }

  /** The token is dead once this resolves. */
  async revoke({ tenant, hash, issuedAt, refusedFrom }: VerifiedToken): Promise<void> {
    const now = Date.now();
    const forgetAt = Number.isFinite(refusedFrom) ? refusedFrom : null;
    const mark = { issuedUntil: Math.max(now, issuedAt), refusedFrom: now, forgetAt };
    await this.add({ ...mark, orgId: tenant.orgId, kind: RevocationKind.token, subject: hash });
  }

  /** All tokens of an application that were issued until now die in `seconds`; only those of `sessions` if there are any. */
  async expire(orgId: string, appId: string, seconds: number, sessions: string[]): Promise<void> {
    const now = Date.now();
    const mark = { orgId, issuedUntil: now, refusedFrom: now + seconds * 1000 };
    if (sessions.length === 0) return this.add({ ...mark, kind: RevocationKind.application, subject: appId, forgetAt: null });
    for (const session of sessions) {
      const forgetAt = now + MAX_LIFETIME_MS;
      await this.add({ ...mark, kind: RevocationKind.session, subject: sessionKey(appId, session), forgetAt });
    }
  }

  private async add(revocation: Revocation): Promise<void> {
    await this.repository.add(revocation);
    this.remember(revocation);
    this.cache.publish(NEWS);
  }

  private async refresh(): Promise<void> {
    const { revocations, lastAdded } = await this.repository.addedSince(this.lastAdded);
    for (const revocation of revocations) this.remember(revocation);
    this.lastAdded = lastAdded;
    this.loaded = true;
  }

  /** In the place of those that it makes needless. */
  private remember({ orgId, kind, subject, issuedUntil, refusedFrom, forgetAt }: Revocation): void {
    const key = keyOf(orgId, kind, subject);
    const others = (this.marks.get(key) ?? []).filter((mark) => mark.issuedUntil > issuedUntil || mark.refusedFrom < refusedFrom);
    this.marks.set(key, [...others, { issuedUntil, refusedFrom, forgetAt }]);
  }

  private sweep(): void {
    const now = Date.now();
    for (const [key, marks] of this.marks) {
      const left = marks.filter(({ forgetAt }) => forgetAt === null || forgetAt > now);
      if (left.length > 0) this.marks.set(key, left);
      else this.marks.delete(key);
    }
  }

  private async refreshQuietly(): Promise<void> {
    try {
      await this.refresh();
      this.trouble.over();
    } catch (error) {
      const level = this.trouble.failed(error);
      if (level) this.log[level]('auth.revocations_not_read', errorFields(error));
    }
  }
}

function keysOf({ tenant: { orgId, appId }, hash, session }: VerifiedToken): string[] {
  const keys = [keyOf(orgId, RevocationKind.token, hash)];
  if (appId !== null) keys.push(keyOf(orgId, RevocationKind.application, appId));
  if (session !== null) keys.push(keyOf(orgId, RevocationKind.session, session));
  return keys;
}

function keyOf(orgId: string, kind: RevocationKind, subject: string): string {
  return `${kind} ${orgId} ${subject}`;
}
