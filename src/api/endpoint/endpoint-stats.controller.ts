import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { UsageRepository } from '../../database/repositories/usage.repository.js';
import { firstIdAt, lastIdAt } from '../../domain/ids.js';
import { App } from '../auth/application.decorator.js';
import { Permission } from '../auth/permission.js';
import { badRequest, notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { endpointStatsOut, statsQuery, type EndpointStatsOut, type StatsQuery } from './endpoint-stats.schemas.js';

const MAX_MS = 28 * 24 * 3_600_000;
const SLACK_MS = 5 * 60_000;
/** The caller's clock may be this much ahead. */
const AHEAD_MS = 5_000;

/** Counts the attempts at an endpoint by status, over at most four weeks. */
@Controller('/api/v1/app/:app_id/endpoint/:endpoint_id/stats')
@Tag('Endpoint')
@Permission('application')
export class EndpointStatsController {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly usage: UsageRepository,
  ) {}

  @Get()
  @Operation({
    id: 'v1.endpoint.get-stats',
    summary: 'Count the attempts at an endpoint by status',
    text: 'The range is at most 28 days. The default is the last 28 days.',
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
    const counts = await this.usage.attempts(application.id, endpoint.id, window);
    return { ...counts, pending: 0, sending: 0, canceled: 0 };
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
