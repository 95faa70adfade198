import { All, Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { ApiError } from '../http-support/api-error.js';

const APP = 'api/v1/app/:app_id';
const ENDPOINT = `${APP}/endpoint/:endpoint_id`;

/** Features of the official clients that this service does not have, each with its paths. */
const UNSUPPORTED: [feature: string, ...paths: string[]][] = [
  ['Connectors', ...all('api/v1/connector'), ...all('api/v1/transformation-template')],
  ['Ingest', ...all('ingest'), 'api/v1/ingest/*'],
  [
    'Streaming',
    ...all('api/v1/stream'),
    'api/v1/auth/stream-logout',
    'api/v1/auth/stream-portal-access/*',
    'api/v1/auth/stream/*',
  ],
  ['Integrations', ...all(`${APP}/integration`)],
  ['Transformations', ...all(`${ENDPOINT}/transformation`)],
  ['Destinations', ...all(`${APP}/destination`)],
  ['Autoconfiguration', ...all(`${APP}/autoconfig`), ...all(`${ENDPOINT}/auto-config`)],
  ['Polling with leases', ...all(`${APP}/polling-endpoint`)],
  ['Event subscriptions', ...all(`${APP}/events`)],
  ['Inbound webhooks', ...all(`${APP}/inbound`)],
  ['Client certificates', ...all(`${ENDPOINT}/mtls`)],
  ['OAuth', ...all(`${ENDPOINT}/oauth`)],
  ['Broadcasts', ...all('api/v1/broadcast')],
  ['Information about a token', 'api/v1/auth/whoami'],
  ['One-time tokens', 'api/v1/auth/one-time-token', 'api/v1/auth/exchange-one-time-token'],
  ['Management of environments and their tokens', ...all('api/v1/management')],
  ['Settings of an environment', ...all('api/v1/environment/settings')],
  ['Attempt statistics', ...all('api/v1/stats/app')],
  ['Examples of schemas', ...all('api/v1/event-type/schema')],
];

const FEATURES = UNSUPPORTED.map(([feature, ...paths]) => ({
  feature,
  pattern: new RegExp(`^/(${paths.map(patternOf).join('|')})$`),
}));

/**
 * Answers that a feature is not supported, with its name. The status is 404, not 501: the client libraries retry every status from
 * 500 on, and would wait for the same answer.
 */
@Controller()
@Permission('any-token')
@Capability('ViewBase')
export class UnsupportedController {
  @All(UNSUPPORTED.flatMap(([, ...paths]) => paths))
  refuse(@Req() request: FastifyRequest): never {
    const path = request.url.split('?', 1)[0]!.replace(/\/+/g, '/').replace(/\/$/, '');
    const feature = FEATURES.find(({ pattern }) => pattern.test(path))?.feature ?? 'This feature';
    throw new ApiError(404, 'not_supported', `${feature}: not supported by this server`);
  }
}

/** A path and everything below it. */
function all(path: string): [string, string] {
  return [path, `${path}/*`];
}

function patternOf(path: string): string {
  return path.replace(/:\w+/g, '[^/]+').replace('*', '.+');
}
