import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UnsealedEndpoint } from '../../domain/delivery.js';
import { DataKeyAway } from '../../domain/data-key.js';
import { SealBroken } from '../../domain/envelope.js';
import { maskedUrl, receiverOf, withPassword } from '../../domain/url-password.js';
import { parseSecret } from '../../domain/secrets.js';
import { EndpointSealing, type EndpointName } from '../endpoint-sealing.js';
import type { Application } from '../entities/application.entity.js';
import type { Endpoint } from '../entities/endpoint.entity.js';
import { sealedTextsOf } from '../rekey/resealed.js';
import { UnreadableEndpoints } from './unreadable-endpoints.js';

const MAX_ENDPOINTS = 20_000;

type Opened = Pick<UnsealedEndpoint, 'keys' | 'headers' | 'url' | 'shownUrl'>;
/** What is sealed of an endpoint, opened; or why it can't be. */
type Unsealed = Opened & Pick<UnsealedEndpoint, 'unreadable' | 'keyAway'>;

/**
 * Makes the engine's endpoint of a row: the only place that does. Secrets and headers are unsealed once for each state of a row.
 * What is unsealed stays in the memory of the process and leaves it only in requests to that endpoint.
 *
 * An endpoint that can't be opened (its key is not configured, or its text was changed) is an endpoint too: it is matched with messages,
 * and its deliveries wait. The other endpoints of its application must not notice. The same holds while AWS KMS is away and a data key is
 * not in memory.
 */
@Injectable()
export class EndpointUnsealer {
  private readonly known = new LRUCache<string, Unsealed & { sealed: string }>({ max: MAX_ENDPOINTS });

  constructor(
    private readonly sealing: EndpointSealing,
    private readonly reports: UnreadableEndpoints,
  ) {}

  /** To call before `open`: gets the data keys of these endpoints, if there are any. Throws database errors. */
  async prepare(endpoints: readonly Endpoint[]): Promise<void> {
    await this.sealing.prepare(endpoints.flatMap(sealedTextsOf));
  }

  open(endpoint: Endpoint, application: Application): UnsealedEndpoint {
    const deleted = endpoint.deleted || application.deleted;
    return {
      id: endpoint.id,
      appId: endpoint.appId,
      orgId: application.orgId,
      version: application.version,
      disabled: endpoint.disabled || deleted,
      deleted,
      eventTypes: endpoint.eventTypes,
      channels: endpoint.channels,
      throttleRate: endpoint.throttleRate ?? application.throttleRate,
      failingSince: endpoint.failingSince?.getTime() ?? null,
      ...this.unsealed(endpoint, application),
    };
  }

  /** Why the endpoint can't be opened, for people to read; null if it can, or if that passes by itself. */
  async whyUnreadable(endpoint: Endpoint, application: Application): Promise<string | null> {
    await this.prepare([endpoint]);
    const { unreadable, keyAway } = this.unsealed(endpoint, application);
    return keyAway ? null : unreadable;
  }

  private unsealed(endpoint: Endpoint, { orgId }: Application): Unsealed {
    const { id, secrets, sealedHeaders, url, sealedPassword } = endpoint;
    const sealed = [
      url,
      sealedPassword ?? '',
      sealedHeaders ?? '',
      ...secrets.map((secret) => `${secret.sealed} ${secret.expiresAt}`),
    ].join('\n');
    const known = this.known.get(id);
    // A data key that KMS refuses from now on is forgotten; what was opened with it goes too.
    const isKnown = known?.sealed === sealed && this.sealing.isPrepared(sealedTextsOf(endpoint));
    const state = isKnown ? known : { sealed, ...this.tryAll({ ...endpoint, orgId }) };
    if (state.unreadable === null) this.known.set(id, state);
    else this.known.delete(id);
    const { sealed: _sealed, ...unsealed } = state;
    if (unsealed.unreadable !== null && !unsealed.keyAway) this.reports.report(endpoint, sealed, unsealed.unreadable);
    return unsealed;
  }

  private tryAll(endpoint: Endpoint & EndpointName): Unsealed {
    const shownUrl = maskedUrl(endpoint.url);
    try {
      const keys = reading('signing secret', () => this.keysOf(endpoint));
      const headers = reading('custom headers', () => this.headersOf(endpoint));
      const url = reading('password of the URL', () => this.urlOf(endpoint));
      return { keys, headers, url, shownUrl, unreadable: null, keyAway: false };
    } catch (error) {
      const keyAway = (error as Error).cause instanceof DataKeyAway;
      return { keys: [], headers: [], url: shownUrl, shownUrl, unreadable: (error as Error).message, keyAway };
    }
  }

  private keysOf(endpoint: Endpoint & EndpointName): Opened['keys'] {
    const now = Date.now();
    const valid = endpoint.secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return valid.map(({ sealed, expiresAt }) => ({ key: parseSecret(this.sealing.open(endpoint, 'secret', sealed)), expiresAt }));
  }

  private urlOf(endpoint: Endpoint & EndpointName): string {
    const { url, sealedPassword } = endpoint;
    if (sealedPassword === null) return url;
    return withPassword(url, this.sealing.open(endpoint, 'password', sealedPassword, receiverOf(url)));
  }

  private headersOf(endpoint: Endpoint & EndpointName): Opened['headers'] {
    const { sealedHeaders } = endpoint;
    if (!sealedHeaders) return [];
    return Object.entries(JSON.parse(this.sealing.open(endpoint, 'headers', sealedHeaders)) as Record<string, string>);
  }
}

/** Names the part that can't be read. Only texts of our own are passed on: that of another error may quote what was sealed. */
function reading<T>(part: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why =
      error instanceof SealBroken || error instanceof DataKeyAway ? error.message : 'What was sealed is not what belongs there';
    throw new Error(`The ${part} can't be opened: ${why}`, { cause: error });
  }
}
