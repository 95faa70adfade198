import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import type { UnsealedEndpoint } from '../../domain/delivery.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { isKey } from '../list-query.js';
import { EndpointUnsealer } from './endpoint-unsealer.js';

const MAX_APPLICATIONS = 10_000;
const MAX_ENDPOINTS = 100_000;
/** A change that no invalidation told this process of is seen after this time at the latest, where no version is compared. */
const KEPT_MS = 30_000;
/** An endpoint whose data key can't be had is looked at again after this time. */
const KEY_AWAY_KEPT_MS = 5_000;
const LIMITS = {
  max: MAX_APPLICATIONS,
  maxSize: MAX_ENDPOINTS,
  maxEntrySize: MAX_ENDPOINTS,
  ttl: KEPT_MS,
  // By default the library keeps the time of its last look for a while: what is left of an entry's time would grow by it each time that it is written again.
  ttlResolution: 0,
};

/** An application with all its endpoints, as of `version`. */
export interface CachedApplication {
  appId: string;
  orgId: string;
  uid: string | null;
  version: number;
  endpoints: readonly UnsealedEndpoint[];
}

/** An endpoint that is needed; with `appVersion`, as it is at that version of its application or a later one. */
export interface NeededEndpoint {
  appId: string;
  endpointId: string;
  appVersion?: number | null;
}

type EndpointsById = Map<string, UnsealedEndpoint>;

/**
 * Applications and their endpoints, kept in the memory of the process.
 *
 * What is kept may be out of date. Whoever must be right compares versions: the group commit does so in its transaction, a claim with
 * the version that it reads together with its rows. Rates and permits accept half a minute. If the cache is lost, it costs reads.
 */
@Injectable()
export class ApplicationCache {
  private readonly byAppId = new LRUCache<string, CachedApplication>({
    ...LIMITS,
    sizeCalculation: (application) => 1 + application.endpoints.length,
  });
  /** `org uid` → application id, for look-ups by the caller's own name. */
  private readonly appIdByUid = new LRUCache<string, string>({ max: MAX_APPLICATIONS, ttl: KEPT_MS });
  /** Endpoints by application: those of whole applications when one of them is asked for by id, and those that were read one by one. */
  private readonly endpoints = new LRUCache<string, EndpointsById>({ ...LIMITS, sizeCalculation: (byId) => 1 + byId.size });
  private readonly loading = new Map<string, Promise<CachedApplication | null>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly unsealer: EndpointUnsealer,
  ) {}

  /** The application with this id or uid in the organisation; null if there is none. */
  async find(orgId: string, idOrUid: string): Promise<CachedApplication | null> {
    const known = this.byAppId.get(this.appIdByUid.get(`${orgId} ${idOrUid}`) ?? idOrUid);
    if (!isKey(idOrUid)) return null;
    if (known?.orgId === orgId && (known.appId === idOrUid || known.uid === idOrUid)) return known;
    return this.once(`${orgId} ${idOrUid}`, () =>
      // A uid can't begin like an id.
      this.load({ orgId, deleted: false, ...(idOrUid.startsWith('app_') ? { id: idOrUid } : { uid: idOrUid }) }),
    );
  }

  /** By id, whatever the organisation: for the engine, which has the id from its own rows. */
  async byId(appId: string): Promise<CachedApplication | null> {
    return this.byAppId.get(appId) ?? this.once(appId, () => this.load({ id: appId, deleted: false }));
  }

  /**
   * Endpoints by id, deleted ones too. Those that are not in memory, or of an older version, are read by primary key in one statement for
   * all of them. An id without a row is missing in the answer.
   */
  async endpointsOf(needed: readonly NeededEndpoint[]): Promise<Map<string, UnsealedEndpoint>> {
    const found = new Map<string, UnsealedEndpoint>();
    const missing = new Set<string>();
    for (const { appId, endpointId, appVersion } of needed) {
      const endpoint = this.endpointIn(appId, endpointId);
      if (endpoint && !endpoint.keyAway && endpoint.version >= (appVersion ?? 0)) found.set(endpointId, endpoint);
      else missing.add(endpointId);
    }
    if (missing.size > 0) for (const [id, endpoint] of await this.read([...missing])) found.set(id, endpoint);
    return found;
  }

  forget(appId: string): void {
    this.byAppId.delete(appId);
    this.endpoints.delete(appId);
  }

  private endpointIn(appId: string, endpointId: string): UnsealedEndpoint | undefined {
    let byId = this.endpoints.get(appId);
    const application = byId ? undefined : this.byAppId.get(appId);
    if (application) {
      byId = new Map(application.endpoints.map((endpoint) => [endpoint.id, endpoint]));
      this.endpoints.set(appId, byId, { ttl: Math.max(1, this.byAppId.getRemainingTTL(appId)) });
    }
    return byId?.get(endpointId);
  }

  /** Endpoint and application come from one statement, so the version is that of the endpoint. */
  private async read(ids: readonly string[]): Promise<[string, UnsealedEndpoint][]> {
    const rows = (await this.dataSource
      .getRepository(Endpoint)
      .createQueryBuilder('e')
      .innerJoinAndMapOne('e.application', Application, 'a', 'a.id = e.appId')
      .where('e.id IN (:...ids)', { ids })
      .getMany()) as (Endpoint & { application: Application })[];
    await this.unsealer.prepare(rows);
    return rows.map(({ application, ...endpoint }) => [endpoint.id, this.keep(endpoint, application)]);
  }

  private keep(row: Endpoint, application: Application): UnsealedEndpoint {
    const endpoint = this.unsealer.open(row, application);
    const known = this.endpoints.get(row.appId);
    const ttl = known ? Math.max(1, this.endpoints.getRemainingTTL(row.appId)) : KEPT_MS;
    // Deleted first: the library does not count the size again of a value that it has already. The value's time goes on.
    this.endpoints.delete(row.appId);
    this.endpoints.set(row.appId, (known ?? new Map<string, UnsealedEndpoint>()).set(row.id, endpoint), { ttl });
    return endpoint;
  }

  /** Concurrent look-ups of the same application share one load. */
  private once(key: string, load: () => Promise<CachedApplication | null>): Promise<CachedApplication | null> {
    const running = this.loading.get(key);
    if (running) return running;
    const started = load().finally(() => this.loading.delete(key));
    this.loading.set(key, started);
    return started;
  }

  /** The version is read before the endpoints: a change in between makes the entry look older than it is, never newer. */
  private async load(where: object): Promise<CachedApplication | null> {
    const application = await this.dataSource.getRepository(Application).findOne({ where });
    if (!application) return null;
    const endpoints = await this.dataSource
      .getRepository(Endpoint)
      .find({ where: { appId: application.id, deleted: false }, order: { id: 'ASC' } });
    await this.unsealer.prepare(endpoints);
    const entry: CachedApplication = {
      appId: application.id,
      orgId: application.orgId,
      uid: application.uid,
      version: application.version,
      endpoints: endpoints.map((endpoint) => this.unsealer.open(endpoint, application)),
    };
    this.byAppId.set(entry.appId, entry, entry.endpoints.some(({ keyAway }) => keyAway) ? { ttl: KEY_AWAY_KEPT_MS } : {});
    this.endpoints.delete(entry.appId);
    if (entry.uid !== null) this.appIdByUid.set(`${entry.orgId} ${entry.uid}`, entry.appId);
    return entry;
  }
}
