import { Injectable } from '@nestjs/common';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { Sealer } from '../../domain/sealing.js';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import { invalid, notFound } from '../http-support/api-error.js';
import { headersProblem } from '../../domain/custom-headers.js';
import { mergedHeaders, type CustomHeaders } from './custom-headers.js';

/** Reads and changes the custom headers of endpoints. They may contain credentials, so all of them are stored encrypted (sealed). */
@Injectable()
export class EndpointHeaders {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly sealer: Sealer,
    private readonly news: CacheInvalidation,
  ) {}

  async get(appId: string, idOrUid: string): Promise<CustomHeaders> {
    const endpoint = await this.endpoints.find(appId, idOrUid);
    if (!endpoint) throw notFound();
    return this.open(endpoint.sealedHeaders);
  }

  async replace(appId: string, idOrUid: string, headers: CustomHeaders): Promise<void> {
    const sealedHeaders = this.seal(headers);
    await this.change(appId, idOrUid, () => sealedHeaders);
  }

  /** Sets some headers, and deletes those whose value is null. */
  async merge(appId: string, idOrUid: string, changes: Record<string, string | null>): Promise<void> {
    await this.change(appId, idOrUid, (sealed) => this.seal(mergedHeaders(this.open(sealed), changes)));
  }

  /** The headers as they are stored; null for none. Throws InvalidInput if they are too many. */
  seal(headers: CustomHeaders): string | null {
    const distinct = mergedHeaders({}, headers);
    const problem = headersProblem(distinct);
    if (problem) throw invalid(['body', 'headers'], problem);
    return Object.keys(distinct).length === 0 ? null : this.sealer.seal(JSON.stringify(distinct));
  }

  private open(sealed: string | null): CustomHeaders {
    return sealed === null ? {} : (JSON.parse(this.sealer.open(sealed)) as CustomHeaders);
  }

  private async change(appId: string, idOrUid: string, next: (sealed: string | null) => string | null): Promise<void> {
    const changed = await this.endpoints.change(appId, idOrUid, (current) => ({ sealedHeaders: next(current.sealedHeaders) }), {
      notify: false,
    });
    if (!changed) throw notFound();
    this.news.announce(appId);
  }
}
