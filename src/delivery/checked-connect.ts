import type { LookupAddress } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { AddressPolicy } from '../domain/address-policy.js';
import { hostOf, PortPolicy, portOf } from '../domain/port-policy.js';
import { Deadline, DeadlineExpired } from './deadline.js';
import { EgressProxy } from './egress-proxy.js';
import { HappyEyeballs } from './happy-eyeballs.js';
import { NameResolver } from './name-resolver.js';
import { OutgoingSocket } from './outgoing-socket.js';

/** Limit for name resolution, connect and TLS handshake together. */
const CONNECT_LIMIT_MS = 10_000;
const MAX_TLS_SESSIONS = 1_000;
const MIN_TLS = 'TLSv1.2';

/** The policy blocks the address, or every address of the name. */
export class AddressBlocked extends Error {
  readonly code = 'ADDRESS_BLOCKED';
  override readonly message = 'The address range is blocked by the configuration.';
}

/** Nothing is sent to this port. */
export class PortBlocked extends Error {
  readonly code = 'PORT_BLOCKED';

  constructor(readonly port: number) {
    super(`Port ${port} is blocked by the configuration.`);
  }
}

/** The TLS handshake failed. `code` is OpenSSL's or Node's. */
export class TlsFailed extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException & { reason?: string }) {
    // OpenSSL's message contains a thread number and lines of its source. Its reason does not.
    super(cause.reason ?? cause.message, { cause });
    this.code = cause.code;
  }
}

/**
 * Opens sockets to addresses that the address policy allows, and to no others.
 *
 * It resolves a name once, checks the addresses and connects to these. Node gets IP addresses only. If Node resolved the name again, a name
 * server could give it another address, which was not checked (DNS rebinding).
 */
@Injectable()
export class CheckedConnect {
  private readonly policy: AddressPolicy;
  private readonly ports: PortPolicy;
  /** With the client certificate, made once; null without one. */
  private readonly secureContext: SecureContext | null;
  private readonly sessions = new LRUCache<string, Buffer>({ max: MAX_TLS_SESSIONS });

  constructor(
    @Inject(APP_CONFIG) config: AppConfig,
    private readonly names: NameResolver,
    private readonly proxy: EgressProxy,
  ) {
    this.policy = new AddressPolicy(config.delivery.allowedSubnets);
    this.ports = new PortPolicy(config.delivery.allowedPorts);
    const own = config.delivery.clientCertificate;
    this.secureContext = own && createSecureContext({ cert: own.chain, key: own.key, minVersion: MIN_TLS });
  }

  /**
   * Resolves with a connected socket, with TLS if the URL is https, through the egress proxy if there is one. Rejects with AddressBlocked, PortBlocked, NameNotResolved,
   * TlsFailed, DeadlineExpired, ProxyUnavailable, ProxyRefused, or the errors of the sockets.
   */
  async open(url: URL, attempt: Deadline): Promise<Socket> {
    const deadline = attempt.remainingMs > CONNECT_LIMIT_MS ? new Deadline(CONNECT_LIMIT_MS) : attempt;
    try {
      const host = hostOf(url);
      const port = portOf(url);
      const addresses = await this.allowedAddresses(host, port, deadline);
      const secure = url.protocol === 'https:';
      const socket = await this.connect(addresses, port, deadline);
      return secure ? await this.startTls(socket, host.replace(/\.$/, ''), url.origin, deadline) : socket;
    } finally {
      if (deadline !== attempt) deadline.clear();
    }
  }

  private async allowedAddresses(host: string, port: number, deadline: Deadline): Promise<LookupAddress[]> {
    const family = isIP(host);
    const addresses = family === 0 ? await this.resolve(host, deadline) : [{ address: host, family }];
    const allowed = addresses.filter(({ address }) => this.policy.allows(address));
    if (allowed.length === 0) throw new AddressBlocked();
    const open = allowed.filter(({ address }) => this.ports.allows(address, port));
    if (open.length === 0) throw new PortBlocked(port);
    return open;
  }

  private resolve(host: string, deadline: Deadline): Promise<LookupAddress[]> {
    return new Promise((resolve, reject) => {
      deadline.onExpired(() => reject(new DeadlineExpired('while its name was looked up')));
      this.names.addressesOf(host).then(resolve, reject);
    });
  }

  private connect(addresses: readonly LookupAddress[], port: number, deadline: Deadline): Promise<Socket> {
    if (this.proxy.isUsed) return this.proxy.open(addresses, port, deadline);
    const connecting = new HappyEyeballs(addresses, ({ address }) =>
      new OutgoingSocket().setNoDelay(true).connect({ host: address, port, autoSelectFamily: false }),
    );
    deadline.onExpired(() => connecting.cancel(new DeadlineExpired('while connecting')));
    return connecting.connected;
  }

  private startTls(socket: Socket, host: string, origin: string, deadline: Deadline): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      const session = this.sessions.get(origin);
      const servername = isIP(host) === 0 ? host : undefined;
      const secure = connectTls({
        socket,
        host,
        ...(servername ? { servername } : {}),
        ...(session ? { session } : {}),
        ALPNProtocols: ['http/1.1'],
        minVersion: MIN_TLS,
        ...(this.secureContext ? { secureContext: this.secureContext } : {}),
      });
      const fail = (error: Error) => {
        this.sessions.delete(origin);
        secure.destroy();
        reject(error);
      };
      deadline.onExpired(() => fail(new DeadlineExpired('in the TLS handshake')));
      secure.on('session', (ticket) => this.sessions.set(origin, ticket));
      secure.on('error', (error) => fail(new TlsFailed(error)));
      secure.once('secureConnect', () => resolve(secure));
    });
  }
}
