import type { LookupAddress } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { AddressPolicy } from '../domain/address-policy.js';
import { OutgoingSocket } from './outgoing-socket.js';
import { ConnectionRace } from './connection-race.js';
import { NameResolver } from './resolve-name.js';
import { AttemptDeadline, AttemptTimeout } from './attempt-deadline.js';

/** From the question for the name to the end of the TLS handshake. */
const CONNECT_LIMIT_MS = 10_000;
const TLS_SESSIONS = 1_000;

/** The address, or every address of the name, is one that deliveries must not reach. */
export class AddressBlocked extends Error {
  readonly code = 'ADDRESS_BLOCKED';
  override readonly message = 'The address range is blocked by the configuration.';
}

/** There is a connection, but no TLS on it. `code` is OpenSSL's or Node's. */
export class TlsFailed extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException & { reason?: string }) {
    // OpenSSL's message has a number of the thread and lines of its sources in it; its reason has neither.
    super(cause.reason ?? cause.message, { cause });
    this.code = cause.code;
  }
}

/**
 * Opens sockets, and only to addresses that the policy allows. Names are resolved here, once, and the sockets go to the
 * addresses that were checked, so that a second answer of the name server can't slip in. Node never sees a name: what it connects to are literal
 * addresses.
 */
@Injectable()
export class CheckedConnect {
  private readonly policy: AddressPolicy;
  private readonly sessions = new LRUCache<string, Buffer>({ max: TLS_SESSIONS });

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly names: NameResolver,
  ) {
    this.policy = new AddressPolicy(config.delivery.allowedSubnets);
  }

  /**
   * A connected socket, with TLS where the URL says so. Rejects with AddressBlocked, NameNotResolved, TlsFailed, AttemptTimeout, or the errors of the
   * sockets.
   */
  async open(url: URL, within: AttemptDeadline): Promise<Socket> {
    const limit = within.leftMs > CONNECT_LIMIT_MS ? new AttemptDeadline(CONNECT_LIMIT_MS) : within;
    try {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const addresses = await this.checked(host, limit);
      const secure = url.protocol === 'https:';
      const socket = await this.raced(addresses, Number(url.port) || (secure ? 443 : 80), limit);
      return secure ? await this.secured(socket, host.replace(/\.$/, ''), url.origin, limit) : socket;
    } finally {
      if (limit !== within) limit.clear();
    }
  }

  private async checked(host: string, limit: AttemptDeadline): Promise<LookupAddress[]> {
    const family = isIP(host);
    const addresses = family === 0 ? await this.resolved(host, limit) : [{ address: host, family }];
    const allowed = addresses.filter(({ address }) => this.policy.allows(address));
    if (allowed.length === 0) throw new AddressBlocked();
    return allowed;
  }

  private resolved(host: string, limit: AttemptDeadline): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      limit.whenOver(() => reject(new AttemptTimeout('while its name was looked up')));
      this.names.addressesOf(host).then(resolve, reject);
    });
  }

  private raced(addresses: readonly LookupAddress[], port: number, limit: AttemptDeadline): Promise<Socket> {
    const race = new ConnectionRace(addresses, ({ address }) =>
      new OutgoingSocket().setNoDelay(true).connect({ host: address, port, autoSelectFamily: false }),
    );
    limit.whenOver(() => race.callOff(new AttemptTimeout('while connecting')));
    return race.connected;
  }

  private secured(socket: Socket, host: string, origin: string, limit: AttemptDeadline): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const session = this.sessions.get(origin);
      const servername = isIP(host) === 0 ? host : undefined;
      const secure = connectTls({
        socket,
        host,
        ...(servername ? { servername } : {}),
        ...(session ? { session } : {}),
        ALPNProtocols: ['http/1.1'],
        minVersion: 'TLSv1.2',
      });
      const fail = (error: Error) => {
        this.sessions.delete(origin);
        secure.destroy();
        reject(error);
      };
      limit.whenOver(() => fail(new AttemptTimeout('in the TLS handshake')));
      secure.on('session', (ticket) => this.sessions.set(origin, ticket));
      secure.on('error', (error) => fail(new TlsFailed(error)));
      secure.once('secureConnect', () => resolve(secure));
    });
  }
}
