import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UnsealedEndpoint } from '../../domain/delivery.js';
import { Sealer } from '../../domain/sealing.js';
import { parseSecret } from '../../domain/secrets.js';
import type { Application } from '../entities/application.entity.js';
import type { Endpoint } from '../entities/endpoint.entity.js';

const MAX_ENDPOINTS = 20_000;

type Unsealed = Pick<UnsealedEndpoint, 'keys' | 'headers'>;

/**
 * Makes the engine's endpoint of a row: the only place that does. Secrets and headers are unsealed once for each state of a row.
 * What is unsealed stays in the memory of the process and leaves it only in requests to that endpoint.
 */
@Injectable()
export class EndpointUnsealer {
  private readonly known = new LRUCache<string, Unsealed & { sealed: string }>({ max: MAX_ENDPOINTS });

  constructor(private readonly sealer: Sealer) {}

  /** Throws SealBroken when a secret was sealed with a key that this process was not given. */
  open(endpoint: Endpoint, application: Application): UnsealedEndpoint {
    const { keys, headers } = this.unsealed(endpoint);
    const deleted = endpoint.deleted || application.deleted;
    return {
      id: endpoint.id,
      appId: endpoint.appId,
      orgId: application.orgId,
      version: application.version,
      url: endpoint.url,
      disabled: endpoint.disabled || deleted,
      deleted,
      eventTypes: endpoint.eventTypes,
      channels: endpoint.channels,
      throttleRate: endpoint.throttleRate ?? application.throttleRate,
      keys,
      headers,
      failingSince: endpoint.failingSince?.getTime() ?? null,
    };
  }

  private unsealed({ id, secrets, sealedHeaders }: Endpoint): Unsealed {
    const sealed = [sealedHeaders ?? '', ...secrets.map((secret) => `${secret.sealed} ${secret.expiresAt}`)].join('\n');
    const known = this.known.get(id);
    if (known?.sealed === sealed) return known;
    const keys = secrets.map((secret) => ({ key: parseSecret(this.sealer.open(secret.sealed)), expiresAt: secret.expiresAt }));
    const headers = sealedHeaders ? Object.entries(JSON.parse(this.sealer.open(sealedHeaders)) as Record<string, string>) : [];
    this.known.set(id, { sealed, keys, headers });
    return { keys, headers };
  }
}
