import type { LookupAddress } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { basicAuthOf } from '../domain/endpoint-url.js';
import { hostOf, portOf } from '../domain/port-policy.js';
import { Log } from '../observability/log.js';
import { Outage } from '../observability/outage.js';
import { DeadlineExpired, type Deadline } from './deadline.js';
import { HappyEyeballs } from './happy-eyeballs.js';
import { NameResolver } from './name-resolver.js';
import { ProxyRefused, ProxyTunnel, ProxyUnavailable } from './proxy-tunnel.js';

/** How often a refusal with the same status is logged. */
const REPEAT_MS = 60_000;
const AUTHENTICATION_REQUIRED = 407;

/**
 * The proxy through which deliveries leave, if there is one (EGRESS_PROXY_URL). It is asked for addresses, never for names, so that the address
 * policy decides with a proxy as it does without (docs/adr/0070-egress-proxy.md).
 */
@Injectable()
export class EgressProxy {
  private readonly url: URL | null;
  private readonly outage = new Outage();
  private readonly refusalLoggedAt = new Map<number, number>();

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly names: NameResolver,
    private readonly log: Log,
  ) {
    this.url = config.delivery.egressProxyUrl === null ? null : new URL(config.delivery.egressProxyUrl);
  }

  /** Whether deliveries go through a proxy. */
  get isUsed(): boolean {
    return this.url !== null;
  }

  /**
   * Resolves with a connection to the first of the addresses that the proxy reaches. The address policy must allow all of them. Rejects with
   * ProxyUnavailable, ProxyRefused or DeadlineExpired.
   */
  async open(addresses: readonly LookupAddress[], port: number, deadline: Deadline): Promise<Socket> {
    try {
      const tunnel = await this.tunnelTo(addresses, port, await this.ownAddresses(deadline), deadline);
      this.answered();
      return tunnel.socket!;
    } catch (error) {
      const failure = mostTelling(error);
      this.report(failure);
      throw failure;
    }
  }

  private async ownAddresses(deadline: Deadline): Promise<LookupAddress[]> {
    const host = hostOf(this.url!);
    const family = isIP(host);
    if (family !== 0) return [{ address: host, family }];
    const late = new Promise<never>((_, reject) => {
      deadline.onExpired(() => reject(new ProxyUnavailable('its name was not resolved in time')));
    });
    const found = this.names.addressesOf(host).catch(() => {
      throw new ProxyUnavailable('its name was not resolved');
    });
    return Promise.race([found, late]);
  }

  private tunnelTo(
    addresses: readonly LookupAddress[],
    port: number,
    own: readonly LookupAddress[],
    deadline: Deadline,
  ): Promise<ProxyTunnel> {
    const url = this.url!;
    const tlsHost = url.protocol === 'https:' ? hostOf(url) : null;
    const tunnels: ProxyTunnel[] = [];
    const racing = new HappyEyeballs(addresses, ({ address }) => {
      const tunnel = new ProxyTunnel({ addresses: own, port: portOf(url), tlsHost, head: connectHead(url, address, port) });
      tunnels.push(tunnel);
      return tunnel;
    });
    deadline.onExpired(() =>
      racing.cancel(
        tunnels.some(({ reached }) => reached)
          ? new DeadlineExpired('while the egress proxy connected')
          : new ProxyUnavailable('it did not answer'),
      ),
    );
    return racing.connected;
  }

  private report(failure: unknown): void {
    if (failure instanceof ProxyUnavailable) {
      if (this.outage.failed(failure) !== null) this.log.warn('proxy.away', { proxy: this.url!.host, reason: failure.message });
    } else if (failure instanceof ProxyRefused) {
      this.answered();
      this.reportRefusal(failure);
    }
  }

  private reportRefusal({ statusCode, isUnreachable }: ProxyRefused): void {
    const now = performance.now();
    if (isUnreachable || now - (this.refusalLoggedAt.get(statusCode) ?? -REPEAT_MS) < REPEAT_MS) return;
    this.refusalLoggedAt.set(statusCode, now);
    this.log[statusCode === AUTHENTICATION_REQUIRED ? 'error' : 'warn']('proxy.refused', { proxy: this.url!.host, statusCode });
  }

  private answered(): void {
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('proxy.back', { proxy: this.url!.host, awayMs });
  }
}

function connectHead(proxy: URL, address: string, port: number): string {
  const target = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  const authorization = basicAuthOf(proxy);
  return `CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n${authorization === null ? '' : `proxy-authorization: ${authorization}\r\n`}\r\n`;
}

/** Of the errors of several addresses: an answer of the proxy, if there is one. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  const errors: unknown[] = error.errors;
  return errors.find((each) => each instanceof ProxyRefused) ?? errors[0];
}
