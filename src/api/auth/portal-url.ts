import type { FastifyRequest } from 'fastify';
import type { AppConfig } from '../../config/config.js';

/** A host name, an IPv4 or an IPv6 address, with a port or without. */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** What of the configuration says where this service is. */
export type PlaceConfig = Pick<AppConfig, 'portal' | 'release'>;

/**
 * The URL that opens the portal with this token. The token is in the fragment, which no browser sends to a server.
 *
 * Without PUBLIC_URL it begins with the origin of the request. A `Host` that is none gives a URL that is relative to this service.
 */
export function portalUrl(config: PlaceConfig, request: Pick<FastifyRequest, 'headers'>, token: string): string {
  return `${config.portal.publicUrl ?? originOf(request, config.release !== null)}/portal#token=${encodeURIComponent(token)}`;
}

/**
 * Scheme and host of a request; an empty text if the host is none. The scheme is told by a load balancer of AWS, which overwrites what
 * the client sent: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html. Without one, the header
 * proves nothing.
 */
function originOf({ headers }: Pick<FastifyRequest, 'headers'>, behindLoadBalancer: boolean): string {
  const { host = '' } = headers;
  const scheme = behindLoadBalancer && headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const url = HOST.test(host) ? URL.parse(`${scheme}://${host}`) : null;
  return url?.origin ?? '';
}
