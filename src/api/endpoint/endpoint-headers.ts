import { Injectable } from '@nestjs/common';
import { EndpointSealing, type EndpointName, type EndpointSeal } from '../../database/endpoint-sealing.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import { invalid, notFound } from '../http-support/api-error.js';
import { headersProblem } from '../../domain/custom-headers.js';
import { assertHeaderLimits, mergedHeaders, type CustomHeaders } from './custom-headers.js';
import { EndpointLimits } from './endpoint-limits.js';

/** Reads and changes the custom headers of endpoints. They may contain credentials, so all of them are stored encrypted (sealed). */
@Injectable()
export class EndpointHeaders {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly sealing: EndpointSealing,
    private readonly news: CacheInvalidation,
    private readonly limits: EndpointLimits,
  ) {}

  async get(application: Application, idOrUid: string): Promise<CustomHeaders> {
    const endpoint = await this.endpoints.find(application.id, idOrUid);
    if (!endpoint) throw notFound();
    return this.sealing.withKeys(() => this.headersOf(application, endpoint));
  }

  async replace(application: Application, idOrUid: string, headers: CustomHeaders): Promise<void> {
    await this.change(application, idOrUid, () => headers);
  }

  /** Sets some headers, and deletes those whose value is null. */
  async merge(application: Application, idOrUid: string, changes: Record<string, string | null>): Promise<void> {
    await this.change(application, idOrUid, (current) => mergedHeaders(this.headersOf(application, current), changes));
  }

  private headersOf({ orgId }: Application, endpoint: Endpoint): CustomHeaders {
    if (endpoint.sealedHeaders === null) return {};
    return JSON.parse(this.sealing.open({ ...endpoint, orgId }, 'headers', endpoint.sealedHeaders)) as CustomHeaders;
  }

  private async change(application: Application, idOrUid: string, next: (current: Endpoint) => CustomHeaders): Promise<void> {
    const seal = await this.sealing.forWrite();
    const { id: appId, orgId } = application;
    const changesOf = (current: Endpoint) => {
      const headers = next(current);
      assertHeaderLimits(() => this.headersOf(application, current), headers, this.limits.of(application));
      return { sealedHeaders: sealedHeaders(seal, { ...current, orgId }, headers) };
    };
    const change = () => this.endpoints.change(appId, idOrUid, changesOf, { notify: false });
    const changed = await this.sealing.withKeys(change);
    if (!changed) throw notFound();
    this.news.announce(appId);
  }
}

/** The headers as they are stored; null for none. Throws InvalidInput if they are too many. */
export function sealedHeaders(seal: EndpointSeal, endpoint: EndpointName, headers: CustomHeaders): string | null {
  const distinct = mergedHeaders({}, headers);
  const problem = headersProblem(distinct);
  if (problem) throw invalid(['body', 'headers'], problem);
  return Object.keys(distinct).length === 0 ? null : seal.seal(endpoint, 'headers', JSON.stringify(distinct));
}
