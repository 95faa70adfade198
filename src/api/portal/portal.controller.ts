import { Controller, Get, Header, Headers, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { PortPolicy } from '../../domain/port-policy.js';
import { Permission } from '../auth/permission.js';
import { BuiltPages } from '../http-support/built-pages.js';
import { pagePolicy } from '../http-support/page-policy.js';

const KEPT = 'public, max-age=31536000, immutable';
const HTML = 'text/html; charset=utf-8';

interface PortalSettings {
  /** Null: the pages' own words. */
  name: string | null;
  /** A path of this origin or a data: URL; null for the horn. */
  logo: string | null;
  accent: AppConfig['portal']['accent'];
  signatureHeaders: AppConfig['delivery']['signatureHeaders'];
  /** What the URL of an endpoint must be here, so that a form can tell it before the request. Ports: elsewhere than at loopback. */
  urls: { httpsOnly: boolean; refusedPorts: readonly number[] };
  /** The pauses before a failed message is tried again, in seconds. Each is longer or shorter by chance, and then the message is given up. */
  retrySchedule: readonly number[];
}

/**
 * The pages for customers (portal) and for the team (console). Which page it is, the script in the browser decides by the path; so every
 * path below gives the same document. Tokens are in the part of the URL that browsers do not send.
 */
@Controller()
@Permission('public')
export class PortalController {
  private readonly pages = new BuiltPages();

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  @Get(['portal', 'portal/*'])
  async portal(@Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { frameAncestors } = this.config.portal;
    return this.document('index', frameAncestors.length > 0 ? frameAncestors.join(' ') : "'none'", reply);
  }

  @Get(['console', 'console/*'])
  async console(@Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    return this.document('console', "'none'", reply);
  }

  /** What the pages must know before they have a token. Nothing in it is confidential. */
  @Get('portal/settings.json')
  @Header('content-type', 'application/json; charset=utf-8')
  @Header('cache-control', 'no-cache')
  names(): PortalSettings {
    const { portal, delivery, endpoints } = this.config;
    return {
      name: portal.name,
      logo: portal.logo,
      accent: portal.accent,
      signatureHeaders: delivery.signatureHeaders,
      urls: { httpsOnly: endpoints.httpsOnly, refusedPorts: new PortPolicy(delivery.allowedPorts).refusedElsewhere },
      retrySchedule: delivery.retrySchedule,
    };
  }

  @Get('portal/assets/:file')
  async asset(
    @Param('file') file: string,
    @Headers('accept-encoding') accepted: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { bytes, type, encoding } = await this.pages.asset(file, accepted ?? '');
    void reply.headers({ 'content-type': type, 'cache-control': KEPT, vary: 'Origin, Accept-Encoding' });
    if (encoding) void reply.header('content-encoding', encoding);
    return bytes;
  }

  private async document(name: 'index' | 'console', ancestors: string, reply: FastifyReply): Promise<Buffer> {
    const bytes = await this.pages.document(name);
    void reply.headers({
      'content-type': HTML,
      'cache-control': 'no-store',
      'content-security-policy': pagePolicy(ancestors),
    });
    return bytes;
  }
}
