import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UnsealedEndpoint } from '../../domain/delivery.js';
import { Sealer } from '../../domain/sealing.js';
import { parseSecret } from '../../domain/secrets.js';
import type { EndpointRow } from './engine-store.js';
import type { SealedSecret } from '../entities/endpoint.entity.js';

const MAX_ENDPOINTS = 20_000;

/**
 * Opens endpoint rows: secrets unsealed and decoded, headers parsed, once for each state of a row.
 * What is opened stays in the process's memory and never goes anywhere but into a request to that endpoint.
 */
@Injectable()
export class EndpointUnsealer {
  private readonly opened = new LRUCache<
    string,
    { sealed: string; keys: UnsealedEndpoint['keys']; headers: UnsealedEndpoint['headers'] }
  >({
    max: MAX_ENDPOINTS,
  });

  constructor(private readonly sealer: Sealer) {}

  /** Throws SealBroken when a secret was sealed with a key that this process was not given. */
  open(row: EndpointRow): UnsealedEndpoint {
    const { keys, headers } = this.unsealed(row);
    return {
      id: row.id,
      appId: row.appId,
      url: row.url,
      disabled: row.disabled || row.deleted,
      eventTypes: list(row.eventTypes),
      channels: list(row.channels),
      throttleRate: row.throttleRate,
      keys,
      headers,
      failingSince: row.failingSince,
    };
  }

  private unsealed(row: EndpointRow): { keys: UnsealedEndpoint['keys']; headers: UnsealedEndpoint['headers'] } {
    const sealed = `${row.secrets}\n${row.sealedHeaders ?? ''}`;
    const known = this.opened.get(row.id);
    if (known?.sealed === sealed) return known;
    const keys = (JSON.parse(row.secrets) as SealedSecret[]).map((secret) => ({
      key: parseSecret(this.sealer.open(secret.sealed)),
      expiresAt: secret.expiresAt,
    }));
    const headers = row.sealedHeaders
      ? Object.entries(JSON.parse(this.sealer.open(row.sealedHeaders)) as Record<string, string>)
      : [];
    const entry = { sealed, keys, headers };
    this.opened.set(row.id, entry);
    return entry;
  }
}

function list(text: string | null): string[] | null {
  return text === null ? null : (JSON.parse(text) as string[]);
}
