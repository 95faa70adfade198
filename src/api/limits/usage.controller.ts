import { Controller, Get, Query } from '@nestjs/common';
import { OrganizationUsageRepository } from '../../database/repositories/organization-usage.repository.js';
import type { Page } from '../../domain/page.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { dayOf, UsageCounts } from '../../limits/usage-counts.js';
import { Auth, Owner, type Tenant } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { Operation, Tag } from '../http-support/operation.js';
import {
  iteratorOf,
  keyUsagePage,
  limitsUsageOut,
  toKeyUsageOut,
  usageList,
  type KeyUsageOut,
  type LimitsUsageOut,
  type UsageList,
} from './limits.schemas.js';

const DEFAULT_DAYS_MS = 30 * 86_400_000;

/** What an organisation may do, and what it did. */
@Controller('/api/v1/stats/usage')
@Tag('Limits')
export class UsageController {
  constructor(
    private readonly limits: OrganizationLimits,
    private readonly usage: UsageCounts,
    private readonly repository: OrganizationUsageRepository,
  ) {}

  @Get('limits')
  @Permission('organization')
  @Operation({
    id: 'v1.statistics.get-limits',
    summary: 'Get the limits of the organisation, and what is used of its quotas',
    text: 'Messages of the last ten seconds may be missing. A rate or a quota of 0 is none.',
    answers: { 200: limitsUsageOut },
  })
  async get(@Auth() { orgId }: Tenant): Promise<LimitsUsageOut> {
    const today = this.usage.today();
    const written = await this.repository.messages(orgId, today);
    const unwritten = this.usage.unwritten(orgId, today);
    const messages = { today: written.day + unwritten.day, thisMonth: written.month + unwritten.month };
    return { limits: this.limits.of(orgId), messages };
  }

  @Get('key')
  @Permission('organization-or-operator')
  @Operation({
    id: 'v1.statistics.list-key-usage',
    summary: 'List requests and messages by key and day',
    text:
      'Newest day first, without `since` those of the last 30 days. Days are in UTC. Requests are `ok` (answered 2xx or 3xx), ' +
      '`refused` (4xx) or `failed` (5xx). They are written every ten seconds, and kept for 400 days. A key is the id of a token. An ' +
      'organisation sees its own, an operator all of them.',
    answers: { 200: keyUsagePage },
  })
  async list(@Owner() owner: string | null, @Query({ schema: usageList }) query: UsageList): Promise<Page<KeyUsageOut>> {
    const { limit, iterator, key_id: keyId, org_id: orgId } = query;
    const until = query.until?.getTime() ?? this.usage.now();
    const since = query.since?.getTime() ?? until - DEFAULT_DAYS_MS;
    // Somebody else's organisation has nothing to show to this caller.
    if (owner !== null && orgId !== null && orgId !== owner) return { data: [], iterator: null, done: true };
    const filter = { orgId: owner ?? orgId, keyId, since: dayOf(since), until: dayOf(until), after: iterator };
    const rows = await this.repository.list(filter, limit + 1);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { data: shown.map(toKeyUsageOut), iterator: last ? iteratorOf(last) : null, done: rows.length <= limit };
  }
}
