import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { EndpointRepository, type EndpointChanges } from '../../database/repositories/endpoint.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint } from '../../database/entities/endpoint.entity.js';
import { EndpointSealing, type EndpointName, type EndpointSeal } from '../../database/endpoint-sealing.js';
import { isDuplicateKey } from '../../database/errors.js';
import { listed } from '../../domain/quoted.js';
import { normalizeEndpointUrl } from '../../domain/endpoint-url.js';
import { PortPolicy } from '../../domain/port-policy.js';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import { conflict, invalid, notFound } from '../http-support/api-error.js';
import { uidAfterPut, uidOfPutNew } from '../http-support/put-uid.js';
import { assertHeaderLimits } from './custom-headers.js';
import { sealedHeaders } from './endpoint-headers.js';
import { assertChannelLimit, EndpointLimits, withinChannelLimit } from './endpoint-limits.js';
import { storedUrl, urlToSeal, type UrlColumns } from './stored-url.js';
import { EndpointSecrets } from './endpoint-secrets.js';
import type { EndpointIn, EndpointPatch, EndpointUpdate } from './endpoint.schemas.js';

/** The feature flags of the caller's token; null for an organisation, which sees all its event types. */
type Flags = readonly string[] | null;

/** Creates, changes and deletes the endpoints of an application. */
@Injectable()
export class EndpointService {
  private readonly ports: PortPolicy;

  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly secrets: EndpointSecrets,
    private readonly sealing: EndpointSealing,
    private readonly news: CacheInvalidation,
    private readonly limits: EndpointLimits,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {
    this.ports = new PortPolicy(config.delivery.allowedPorts);
  }

  async create(application: Application, { secret, headers, ...fields }: EndpointIn, flags: Flags = null): Promise<Endpoint> {
    const limits = this.limits.of(application);
    assertHeaderLimits(() => ({}), headers, limits);
    assertChannelLimit(null, fields, limits);
    const valid = await this.validated(application, fields, flags, null);
    const seal = await this.sealing.forWrite();
    const newEndpoint = (id: string) => ({
      ...valid,
      ...storedUrl(valid.url, nameOf(application, id), null, { sealing: this.sealing, seal }),
      secrets: this.secrets.first(seal, nameOf(application, id), secret),
      sealedHeaders: sealedHeaders(seal, nameOf(application, id), headers),
    });
    return this.write(application, () => this.endpoints.create(application.id, newEndpoint, limits.maxEndpointsPerApp));
  }

  /** Replaces the endpoint, or creates it. Secrets and headers stay. Repeating the request changes nothing. */
  async replace(
    application: Application,
    idOrUid: string,
    body: EndpointUpdate,
    flags: Flags = null,
  ): Promise<{ endpoint: Endpoint; created: boolean }> {
    const fields = await this.validated(application, body, flags, idOrUid);
    const seal = await this.sealing.forWrite();
    const limits = this.limits.of(application);
    const uid = uidAfterPut('ep_', idOrUid, body.uid);
    return this.write(application, () =>
      this.endpoints.changeOrCreate(
        application.id,
        idOrUid,
        (current) => {
          assertChannelLimit(current, fields, limits);
          return withFailureReset(current, { ...fields, uid, ...this.urlChanges(application, current, fields.url, seal) });
        },
        (id) => ({
          ...withinChannelLimit(fields, limits),
          ...storedUrl(fields.url, nameOf(application, id), null, { sealing: this.sealing, seal }),
          uid: uidOfPutNew('ep_', idOrUid, body.uid),
          secrets: this.secrets.first(seal, nameOf(application, id), null),
          sealedHeaders: null,
        }),
        limits.maxEndpointsPerApp,
      ),
    );
  }

  async patch(application: Application, idOrUid: string, body: EndpointPatch, flags: Flags = null): Promise<Endpoint> {
    const fields = await this.validated(application, body, flags, idOrUid);
    const seal = await this.sealing.forWrite();
    return this.write(application, () =>
      this.endpoints.change(application.id, idOrUid, (current) => {
        assertChannelLimit(current, fields, this.limits.of(application));
        return withFailureReset(current, { ...fields, ...this.urlChanges(application, current, fields.url, seal) });
      }),
    );
  }

  private urlChanges(
    application: Application,
    current: Endpoint,
    given: string | undefined,
    seal: EndpointSeal,
  ): Partial<UrlColumns> {
    const url = given ?? urlToSeal(current, seal);
    return url === undefined ? {} : storedUrl(url, nameOf(application, current.id), current, { sealing: this.sealing, seal });
  }

  async remove(application: Application, idOrUid: string): Promise<void> {
    await this.write(application, () => this.endpoints.remove(application.id, idOrUid));
  }

  /** Event types without those that an endpoint has. A portal may send back what it was shown, also if it could not choose it. */
  private async notIn({ id }: Application, idOrUid: string, eventTypes: string[]): Promise<string[]> {
    if (eventTypes.length === 0) return [];
    const had = new Set((await this.endpoints.find(id, idOrUid))?.eventTypes);
    return eventTypes.filter((name) => !had.has(name));
  }

  /** The fields with a normalized URL. Throws InvalidInput if the URL is not allowed or an event type does not exist. */
  private async validated<T extends { url?: string; eventTypes?: string[] | null }>(
    application: Application,
    fields: T,
    flags: Flags,
    idOrUid: string | null,
  ): Promise<T> {
    // An event type that the caller may not see is treated like one that does not exist, so that the two can't be told apart.
    const unseen = await this.endpoints.missingEventTypes(application.orgId, fields.eventTypes ?? [], flags);
    const missing = flags !== null && idOrUid !== null ? await this.notIn(application, idOrUid, unseen) : unseen;
    if (missing.length > 0) throw invalid(['body', 'eventTypes'], `These event types do not exist: ${listed(missing)}`);
    if (fields.url === undefined) return fields;
    const normal = normalizeEndpointUrl(fields.url, this.config.endpoints.httpsOnly, this.ports);
    if ('problem' in normal) throw invalid(['body', 'url'], normal.problem);
    return { ...fields, url: normal.url };
  }

  /** Runs a write, turns its errors into answers, and invalidates the caches of the other processes if it succeeded. */
  private async write<T>(application: Application, write: () => Promise<T | null>): Promise<T> {
    try {
      const result = await this.sealing.withKeys(write);
      if (result === null) throw notFound();
      this.news.announce(application.id);
      return result;
    } catch (error) {
      throw isDuplicateKey(error) ? conflict('An endpoint of this application has this uid already') : error;
    }
  }
}

function nameOf({ id: appId, orgId }: Application, id: string): EndpointName {
  return { orgId, appId, id };
}

/** If an endpoint is enabled again or gets another URL, its time of failing starts anew: the owner has probably repaired it. */
function withFailureReset(current: Endpoint, changes: EndpointChanges): EndpointChanges {
  const isOnAgain = current.disabled && changes.disabled === false;
  const { url = current.url, sealedPassword = current.sealedPassword } = changes;
  const isElsewhere = url !== current.url || sealedPassword !== current.sealedPassword;
  return isOnAgain || isElsewhere ? { ...changes, failingSince: null } : changes;
}
