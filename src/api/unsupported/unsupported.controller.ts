import { All, Controller, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Capability } from '../auth/capability.js';
import { Permission } from '../auth/permission.js';
import { ApiError } from '../http-support/api-error.js';

const APP = 'api/v1/app/:app_id';

/** What the official clients can ask for and this service doesn't have: its name, and where it would be. */
const UNSUPPORTED: [feature: string, ...paths: string[]][] = [
  ['Connectors', 'api/v1/connector', 'api/v1/connector/*'],
  ['Ingest', 'ingest', 'ingest/*', 'api/v1/ingest/*'],
  [
    'Streaming',
    'api/v1/stream',
    'api/v1/stream/*',
    'api/v1/auth/stream-logout',
    'api/v1/auth/stream-portal-access/*',
    'api/v1/auth/stream/*',
  ],
  ['Integrations', `${APP}/integration`, `${APP}/integration/*`],
  ['Transformations', `${APP}/endpoint/:endpoint_id/transformation`, `${APP}/endpoint/:endpoint_id/transformation/*`],
  ['Destinations', `${APP}/destination`, `${APP}/destination/*`],
  ['Autoconfiguration', `${APP}/autoconfig`, `${APP}/autoconfig/*`],
];

const FEATURES = UNSUPPORTED.map(([feature, ...paths]) => ({
  feature,
  pattern: new RegExp(`^/(${paths.map(patternOf).join('|')})$`),
}));

/**
 * Says by name that a feature is not here. With 404, not 501: the client libraries repeat whatever is 500 or more, and would
 * only wait longer to hear the same.
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

function patternOf(path: string): string {
  return path.replace(/:\w+/g, '[^/]+').replace('*', '.+');
}
