import { Controller, Get, Header, Headers, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Permission } from '../auth/permission.js';
import { BuiltPages } from './built-pages.js';
import { PORTAL_SETTINGS, type PortalSettings } from './portal-settings.js';

const KEPT = 'public, max-age=31536000, immutable';
const HTML = 'text/html; charset=utf-8';
/** The pages load nothing from other servers, send nothing to them, and contain no script or style of their own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/**
 * The pages for customers (portal) and for the team (console). Which page it is, the script in the browser decides by the path; so every
 * path below gives the same document. Tokens are in the part of the URL that browsers do not send.
 */
@Controller()
@Permission('public')
export class PortalController {
  private readonly pages = new BuiltPages();
  private readonly settings: PortalSettings = PORTAL_SETTINGS;

  @Get(['portal', 'portal/*'])
  async portal(@Res({ passthrough: true }) reply: FastifyReply): Promise<Buffer> {
    const { frameAncestors } = this.settings;
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
  names(): Omit<PortalSettings, 'frameAncestors'> {
    const { name, logo, accent } = this.settings;
    return { name, logo, accent };
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
      'content-security-policy': `${POLICY}; frame-ancestors ${ancestors}`,
    });
    return bytes;
  }
}
