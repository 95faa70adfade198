import { Controller, Get, Query } from '@nestjs/common';
import type { Application } from '../../database/entities/application.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { App } from '../auth/application.decorator.js';
import { Owner } from '../auth/auth.decorator.js';
import { Permission } from '../auth/permission.js';
import { notFound } from '../http-support/api-error.js';
import { Operation, Tag } from '../http-support/operation.js';
import { AttemptStats } from './attempt-stats.js';
import {
  appAttemptsQuery,
  attemptsQuery,
  attemptStatsOut,
  endpointRanking,
  endpointsQuery,
  endpointStatsListOut,
  type AppAttemptsQuery,
  type AttemptsQuery,
  type AttemptStatsOut,
  type EndpointsQuery,
  type EndpointStatsListOut,
} from './attempt-stats.schemas.js';

const RANGE = 'The default is the last 24 hours; nothing is older than 400 days.';
const COUNTED =
  'Before `countedSince` and after `countedUntil` nothing is counted yet. `p50Ms` and `p95Ms` are estimates of the time that half, and ' +
  '95 %, of the attempts did not exceed. An attempt without an answer counts for them if it lasted at least a second.';
const POINTS =
  'There are up to 120 points, of at least a minute each; `since` and `until` are widened to whole points. An attempt belongs to the ' +
  `point in which it began. ${RANGE} ${COUNTED}`;

/** Attempts of an application over time. */
@Controller('/api/v1/app/:app_id/stats/attempt')
@Tag('Statistics')
@Permission('application')
export class AppAttemptStatsController {
  constructor(
    private readonly stats: AttemptStats,
    private readonly endpoints: EndpointRepository,
  ) {}

  @Get()
  @Operation({
    id: 'v1.statistics.get-app-attempts',
    summary: 'Count the attempts of an application over time',
    text: POINTS,
    answers: { 200: attemptStatsOut },
  })
  async get(
    @App() { id: appId, orgId }: Application,
    @Query({ schema: appAttemptsQuery }) { endpoint_id: key, ...range }: AppAttemptsQuery,
  ): Promise<AttemptStatsOut> {
    const endpoint = key === null ? null : await this.endpoints.find(appId, key);
    if (key !== null && !endpoint) throw notFound();
    return this.stats.overTime({ orgId, appId, endpointId: endpoint?.id ?? null }, range);
  }
}

/** Attempts of an organisation, or of all of them. */
@Controller('/api/v1/stats')
@Tag('Statistics')
@Permission('organization-or-operator')
export class AttemptStatsController {
  constructor(private readonly stats: AttemptStats) {}

  @Get('attempt')
  @Operation({
    id: 'v1.statistics.get-attempts',
    summary: 'Count the attempts of the organisation over time',
    text: `An organisation sees its own, an operator those of all or of one. Attempts at endpoints that were removed count too. ${POINTS}`,
    answers: { 200: attemptStatsOut },
  })
  attempts(
    @Owner() owner: string | null,
    @Query({ schema: attemptsQuery }) { org_id: orgId, ...range }: AttemptsQuery,
  ): Promise<AttemptStatsOut> {
    return this.stats.overTime({ orgId: ownedOf(owner, orgId) }, range);
  }

  @Get('endpoint')
  @Operation({
    id: 'v1.statistics.list-endpoints',
    summary: 'List the endpoints that fail most, or are slowest',
    text:
      '`failing`: those with failed attempts, most of them first. `slow`: the highest `p95Ms` first. There are no further pages. An ' +
      'organisation sees its own, an operator those of one, or of the hundred organisations that are first in the same order. ' +
      `Attempts of the last minute may be missing. ${RANGE} ${COUNTED}`,
    query: { order: endpointRanking },
    answers: { 200: endpointStatsListOut },
  })
  list(
    @Owner() owner: string | null,
    @Query({ schema: endpointsQuery }) { org_id: orgId, ...query }: EndpointsQuery,
  ): Promise<EndpointStatsListOut> {
    return this.stats.endpoints(ownedOf(owner, orgId), query);
  }
}

/** The organisation to show; null for all. Somebody else's is not found. */
function ownedOf(owner: string | null, wanted: string | null): string | null {
  if (owner !== null && wanted !== null && wanted !== owner) throw notFound();
  return owner ?? wanted;
}
