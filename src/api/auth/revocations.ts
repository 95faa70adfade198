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
import { MAX_SESSION_MS, OPERATOR, sessionKey } from './token-claims.js';

/** How often the database is asked for revocations of other processes. The cache usually announces them earlier. */
const REFRESH_MS = 2_000;
/** How often expired entries are removed. */
const SWEEP_MS = 3_600_000;
/** The release before accepts tokens for 15 minutes after they expire, and clocks differ: a revocation is kept for longer. */
const KEPT_LONGER_MS = 3_600_000;
/** What is published to the other processes. It stands where the id of a changed application stands; no such id looks like it. */
const ANNOUNCEMENT = 'token-revocation';

type Mark = Pick<Revocation, 'issuedUntil' | 'refusedFrom' | 'forgetAt'>;

/**
 * Knows which tokens are revoked before they expire. The process holds all revocations in memory, so a check costs no I/O. The
 * table is small: it grows only by log-outs and expiries.
 *
 * A revocation is committed before the request is answered, and this process applies it at once. The other processes learn of it
 * through the cache, or when they ask the database, every two seconds.
 * - If the process dies after the commit, the other processes were not told. They learn of the revocation from the database.
 * - Until the table was read for the first time, no token is accepted.
 * - If the database is unavailable later, the known revocations still apply.
 */
@Injectable()
export class Revocations implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly marks = new Map<string, Mark[]>();
  private readonly timers: NodeJS.Timeout[] = [];
  private lastAdded: string | null = null;
  private loaded = false;
  private readonly outage = new Outage();

  constructor(
    private readonly repository: TokenRevocationRepository,
    private readonly cache: SharedCache,
    private readonly log: Log,
  ) {
    cache.onInvalidation((changed) => {
      if (changed === ANNOUNCEMENT) void this.refreshQuietly();
    });
  }

  onApplicationBootstrap(): void {
    this.timers.push(setInterval(() => void this.refreshQuietly(), REFRESH_MS).unref());
    this.timers.push(setInterval(() => this.sweep(), SWEEP_MS).unref());
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  /** Throws DatabaseAway while the table could not be read yet. */
  async isRevoked(token: VerifiedToken): Promise<boolean> {
    if (!this.loaded) await this.refresh();
    if (this.marks.size === 0) return false;
    const now = Date.now();
    return keysOf(token).some((key) =>
      this.marks.get(key)?.some((mark) => token.issuedAt <= mark.issuedUntil && mark.refusedFrom <= now),
    );
  }

  /**
   * Once this resolves, the token is refused in every spelling. The row with its hash is for the release before, which knows only that,
   * and for a process that has another opinion about what the token's name is.
   */
  async revoke(token: VerifiedToken): Promise<void> {
    const { hash, name, issuedAt, refusedFrom } = token;
    const now = Date.now();
    const forgetAt = Number.isFinite(refusedFrom) ? refusedFrom + KEPT_LONGER_MS : null;
    const mark = { orgId: ownerOf(token), issuedUntil: Math.max(now, issuedAt), refusedFrom: now, forgetAt };
    await this.add([hash, name].map((subject) => ({ ...mark, kind: RevocationKind.token, subject })));
  }

  /** Expires in `seconds` the tokens of an application that were issued until now. With `sessions`, only the tokens of these. */
  async expire(orgId: string, appId: string, seconds: number, sessions: string[]): Promise<void> {
    const now = Date.now();
    const mark = { orgId, issuedUntil: now, refusedFrom: now + seconds * 1000 };
    if (sessions.length === 0) return this.add([{ ...mark, kind: RevocationKind.application, subject: appId, forgetAt: null }]);
    const forgetAt = now + MAX_SESSION_MS + KEPT_LONGER_MS;
    const subjects = [...new Set(sessions)].map((session) => sessionKey(appId, session));
    await this.add(subjects.map((subject) => ({ ...mark, kind: RevocationKind.session, subject, forgetAt })));
  }

  /** Applies revocations that are committed, here at once, and tells the other processes. */
  announce(revocations: readonly Revocation[]): void {
    for (const revocation of revocations) this.remember(revocation);
    this.cache.publish(ANNOUNCEMENT);
  }

  private async add(revocations: readonly Revocation[]): Promise<void> {
    await this.repository.add(revocations);
    this.announce(revocations);
  }

  private async refresh(): Promise<void> {
    const { revocations, lastAdded } = await this.repository.addedSince(this.lastAdded);
    for (const revocation of revocations) this.remember(revocation);
    this.lastAdded = lastAdded;
    this.loaded = true;
  }

  /** Adds a revocation. It replaces those that it covers. */
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
      this.outage.over();
    } catch (error) {
      const level = this.outage.failed(error);
      if (level) this.log[level]('auth.revocations_not_read', errorFields(error));
    }
  }
}

function keysOf(token: VerifiedToken): string[] {
  const { kind, hash, name, session } = token;
  const orgId = ownerOf(token);
  const keys = [keyOf(orgId, RevocationKind.token, hash), keyOf(orgId, RevocationKind.token, name)];
  if (kind === 'key') return [...keys, keyOf(orgId, RevocationKind.keys, orgId)];
  keys.push(keyOf(orgId, RevocationKind.organization, orgId));
  const appId = token.tenant?.appId ?? null;
  if (appId !== null) keys.push(keyOf(orgId, RevocationKind.application, appId));
  if (session !== null) keys.push(keyOf(orgId, RevocationKind.session, session));
  return keys;
}

/** The organisation of a token. No organisation's id is `operator`: they all begin with `org_`. */
function ownerOf({ tenant }: VerifiedToken): string {
  return tenant?.orgId ?? OPERATOR;
}

function keyOf(orgId: string, kind: RevocationKind, subject: string): string {
  return `${kind} ${orgId} ${subject}`;
}
