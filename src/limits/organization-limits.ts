import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SharedCache } from '../cache/shared-cache.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { LIMIT_NAMES, type LimitName, type Limits } from '../config/limit-variables.js';
import { OrganizationRepository, type StoredLimits } from '../database/repositories/organization.repository.js';
import { errorFields, Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';

/** How often the database is asked for changes of other processes. The cache usually announces them earlier. */
const REFRESH_MS = 2_000;
/** What is published to the other processes. It stands where the id of a changed application stands; no such id looks like it. */
const ANNOUNCEMENT = 'organization-limits';

/** Limits that an operator gave to one organisation. The others are those of all organisations. */
export type OwnLimits = Partial<Record<LimitName, number>>;

/**
 * Knows the limits of every organisation: those of the settings, and over them the organisation's own. The own limits of all are in
 * memory (their number is bounded), so a look costs no I/O.
 *
 * A change is committed before the operator is answered, and this process applies it at once. The others learn of it through the cache, or
 * when they ask the database, every two seconds. If the database is away, the limits that are known still apply.
 */
@Injectable()
export class OrganizationLimits implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly own = new Map<string, Limits>();
  private lastChanged: string | null = null;
  private loading: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly outage = new Outage();
  /** Whether the table was read. */
  isLoaded = false;
  /** Whether a rate is set for any organisation. */
  hasRates: boolean;
  /** Whether a quota is set for any organisation. */
  hasQuotas: boolean;

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly repository: OrganizationRepository,
    private readonly cache: SharedCache,
    private readonly log: Log,
  ) {
    this.hasRates = isThrottled(config.limits);
    this.hasQuotas = hasQuota(config.limits);
    cache.onInvalidation((changed) => {
      if (changed === ANNOUNCEMENT) void this.refreshQuietly();
    });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.refreshQuietly(), REFRESH_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** What organisations without limits of their own may do. */
  get defaults(): Limits {
    return this.config.limits;
  }

  /** What the organisation may do. */
  of(orgId: string): Limits {
    return this.own.get(orgId) ?? this.config.limits;
  }

  /** Reads the table, if this was not done yet. Throws DatabaseAway while it can't be read. */
  async load(): Promise<void> {
    if (!this.isLoaded) await (this.loading ??= this.refresh().finally(() => (this.loading = null)));
  }

  /** The organisation's own limits, from the database. */
  async ownOf(orgId: string): Promise<OwnLimits> {
    return known((await this.repository.limits(orgId)) ?? {});
  }

  /** Replaces the organisation's own limits; none at all removes them. Once this resolves, this process applies them. */
  async set(orgId: string, given: OwnLimits): Promise<void> {
    const isNone = Object.keys(given).length === 0;
    await this.repository.setLimits(orgId, isNone ? null : given);
    this.apply([{ orgId, limits: isNone ? null : given }]);
    this.cache.publish(ANNOUNCEMENT);
  }

  private async refresh(): Promise<void> {
    const { changed, lastChanged } = await this.repository.changedSince(this.lastChanged);
    this.apply(changed);
    this.lastChanged = lastChanged;
    this.isLoaded = true;
  }

  private async refreshQuietly(): Promise<void> {
    try {
      await this.refresh();
      this.outage.over();
    } catch (error) {
      const level = this.outage.failed(error);
      if (level) this.log[level]('limits.not_read', errorFields(error));
    }
  }

  private apply(changed: readonly StoredLimits[]): void {
    for (const { orgId, limits } of changed) {
      if (limits === null) this.own.delete(orgId);
      else this.own.set(orgId, { ...this.config.limits, ...known(limits) });
    }
    const all = [this.config.limits, ...this.own.values()];
    this.hasRates = all.some(isThrottled);
    this.hasQuotas = all.some(hasQuota);
  }
}

function isThrottled({ throttleRate, throttleKeyRate }: Limits): boolean {
  return throttleRate > 0 || throttleKeyRate > 0;
}

function hasQuota({ messagesPerDay, messagesPerMonth }: Limits): boolean {
  return messagesPerDay > 0 || messagesPerMonth > 0;
}

/** Without what another release stored and this one does not know. */
function known(stored: Readonly<Record<string, number>>): OwnLimits {
  return Object.fromEntries(LIMIT_NAMES.flatMap((name) => (stored[name] === undefined ? [] : [[name, stored[name]]])));
}
