import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { isUndecided } from '../database/errors.js';
import { OrganizationUsageRepository, type UsageRow, type Used } from '../database/repositories/organization-usage.repository.js';
import { errorFields, Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';
import type { Caller } from './request-throttle.js';

/** How often the counts are written. A process that is killed loses at most what it counted in this time. */
export const WRITE_EVERY_MS = 10_000;
/** With more rows in memory, further keys are counted together. */
const MAX_ROWS = 10_000;
/** The key of those. */
const OTHER_KEYS = 'other';

/**
 * Counts requests and messages by organisation, key and day (UTC) in memory, and adds them to the database in groups.
 *
 * If the process is killed, what was counted since the last write is lost, at most ten seconds of it. If it stops, all is written. While
 * the database is away the counts stay in memory. When it is not known whether they were written, they are not written again: the usage
 * is rather too low than too high.
 */
@Injectable()
export class UsageCounts implements OnApplicationBootstrap, OnApplicationShutdown {
  private rows = new Map<string, UsageRow>();
  private writing: Promise<void> | null = null;
  private beingWritten: readonly UsageRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly outage = new Outage();

  constructor(
    private readonly repository: OrganizationUsageRepository,
    private readonly clock: DatabaseClock,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.write(), WRITE_EVERY_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  /** Counts a request by the status of its answer. */
  addRequest(caller: Caller, status: number): void {
    const row = this.rowOf(caller);
    if (status < 400) row.ok++;
    else if (status < 500) row.refused++;
    else row.failed++;
  }

  /** Counts accepted messages. */
  addMessages(caller: Caller, count: number): void {
    if (count > 0) this.rowOf(caller).messages += count;
  }

  /** Today, such as `2026-11-28`, by the clock of the database. */
  today(): string {
    return dayOf(this.clock.now());
  }

  /** The time of the database, ms since 1970. */
  now(): number {
    return this.clock.now();
  }

  /** Messages of the organisation that are counted here and not in the database yet. */
  unwritten(orgId: string, day: string): { day: number; month: number } {
    const own = [...this.rows.values(), ...this.beingWritten].filter((row) => row.orgId === orgId);
    const sum = (some: UsageRow[]) => some.reduce((total, { messages }) => total + messages, 0);
    const month = own.filter((row) => row.day.startsWith(day.slice(0, 7)));
    return { day: sum(own.filter((row) => row.day === day)), month: sum(month) };
  }

  /** Adds the counts to the database. Never throws. */
  write(): Promise<void> {
    return (this.writing ??= this.writeRows().finally(() => (this.writing = null)));
  }

  private async writeRows(): Promise<void> {
    if (this.rows.size === 0) return;
    const rows = [...this.rows.values()];
    this.beingWritten = rows;
    this.rows = new Map();
    try {
      await this.repository.add(rows);
      this.outage.over();
    } catch (error) {
      if (!isUndecided(error)) for (const row of rows) this.merge(row);
      const level = this.outage.failed(error);
      if (level) this.log[level]('limits.usage_not_written', { rows: rows.length, ...errorFields(error) });
    } finally {
      this.beingWritten = [];
    }
  }

  private merge({ orgId, day, keyId, ...used }: UsageRow): void {
    const row = this.rowOf({ orgId, keyId }, day);
    for (const name of Object.keys(used) as (keyof Used)[]) row[name] += used[name];
  }

  private rowOf({ orgId, keyId }: Caller, day = this.today()): UsageRow {
    const place = `${orgId} ${day} ${keyId}`;
    const known = this.rows.get(place);
    if (known) return known;
    // Beyond the limit there is one more row for each organisation and day.
    if (this.rows.size >= MAX_ROWS && keyId !== OTHER_KEYS) return this.rowOf({ orgId, keyId: OTHER_KEYS }, day);
    const row = { orgId, day, keyId, ok: 0, refused: 0, failed: 0, messages: 0 };
    this.rows.set(place, row);
    return row;
  }
}

// A day lasts for many requests, so its text is kept.
let lastDay = { start: 0, text: '1970-01-01' };

/** The UTC day of a time in ms since 1970. */
export function dayOf(ms: number): string {
  const start = Math.floor(ms / 86_400_000);
  if (start !== lastDay.start) lastDay = { start, text: new Date(ms).toISOString().slice(0, 10) };
  return lastDay.text;
}
