import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import type { Application } from '../../database/entities/application.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { UsageRepository, type AttemptCounts } from '../../database/repositories/usage.repository.js';
import { firstIdAt, lastIdAt } from '../../domain/ids.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { badRequest, notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { AttemptStats } from './attempt-stats.js';
import { endpointStatsOut, statsQuery, type EndpointStatsOut, type StatsQuery } from './endpoint-stats.schemas.js';

const DAY_MS = 24 * 3_600_000;
const MAX_MS = 28 * DAY_MS;
const SLACK_MS = 5 * 60_000;
/** The caller's clock may be this much ahead. */
const AHEAD_MS = 5_000;
/** A message may be scheduled for so long. */
const SCHEDULED_MS = DAY_MS;
/** Attempts of each result that are counted one by one for an answer, which takes a few milliseconds. */
const FEW = 5_000;

/**
 * Counts the attempts at an endpoint by status, over at most four weeks. Few are counted one by one. Of many, those that AttemptCounter has counted
 * are not read again, so that an answer takes as long at an endpoint with millions.
 */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/stats')
@Tag('Endpoint')
@Permission('application')
export class EndpointStatsController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly usage: UsageRepository,
    private readonly stats: AttemptStats,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Get()
  @Operation({
    id: 'v1.endpoint.get-stats',
    summary: 'Count the attempts at an endpoint by status',
    text: 'The range is at most 28 days. The default is the last 28 days. An attempt is counted by the time when it began.',
    answers: { 200: endpointStatsOut },
  })
  async get(
    @App() application: Application,
    @Param('endpoint_id') key: string,
    @Query({ schema: statsQuery }) query: StatsQuery,
  ): Promise<EndpointStatsOut> {
    const endpoint = await this.endpoints.find(application.id, key);
    if (!endpoint) throw notFound();
    const { since, until } = rangeOf(query);
    const window = { above: firstIdAt('atmpt_', since), below: lastIdAt('atmpt_', until) };
    const few = await this.usage.attempts(application.id, endpoint.id, window, FEW);
    const counts = few ?? (await this.many(application, endpoint.id, since, until));
    return { ...counts, pending: 0, sending: 0, canceled: 0 };
  }

  private async many(
    { orgId, id: appId }: Application,
    endpointId: string,
    since: number,
    until: number,
  ): Promise<AttemptCounts> {
    const { days } = this.config.retention;
    const range = { since: Math.max(since, days === 0 ? 0 : Date.now() - days * DAY_MS + this.longestDeliveryMs()), until };
    const counted = await this.stats.countedPart({ orgId, appId, endpointId }, range, days);
    const above = firstIdAt('atmpt_', since);
    const below = lastIdAt('atmpt_', until);
    if (counted === null) return this.usage.attempts(appId, endpointId, { above, below });
    const [before, after] = await Promise.all([
      this.usage.attempts(appId, endpointId, { above, below: firstIdAt('atmpt_', counted.from) }),
      this.usage.attempts(appId, endpointId, { above: firstIdAt('atmpt_', counted.to), below }),
    ]);
    return {
      success: before.success + counted.counts.delivered + after.success,
      fail: before.fail + counted.counts.failed + after.fail,
    };
  }

  /**
   * For how long a message is tried by itself. Retention removes a message with its attempts, but their counts are kept; so the attempts of this time
   * after its border are counted one by one.
   */
  private longestDeliveryMs(): number {
    return SCHEDULED_MS + this.config.delivery.retrySchedule.reduce((sum, seconds) => sum + seconds * 1_000, 0);
  }
}

function rangeOf(query: StatsQuery): { since: number; until: number } {
  const now = Date.now();
  const until = query.until?.getTime() ?? now;
  const since = query.since?.getTime() ?? until - MAX_MS;
  if (until > now + AHEAD_MS) throw badRequest('invalid_range', '`until` must not be in the future');
  if (query.until && since > until) throw badRequest('invalid_range', '`since` must not be after `until`');
  if (until - since > MAX_MS + SLACK_MS) throw badRequest('invalid_range', 'The range must not be longer than 28 days');
  return { since, until };
}
