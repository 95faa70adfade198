import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { DataSource } from 'typeorm';
import type { UnsealedEndpoint } from '../../domain/delivery.js';
import type { EndpointRow } from './engine-store.js';
import { Application } from '../entities/application.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { isKey } from '../list-query.js';
import { EndpointUnsealer } from './endpoint-unsealer.js';

const MAX_APPLICATIONS = 10_000;
const MAX_ENDPOINTS = 100_000;
/** A change that no invalidation told us of is seen at the latest then, where the version isn't checked at each use. */
const KEPT_MS = 30_000;

/** An application with its endpoints, as of `version`. */
export interface CachedApplication {
  appId: string;
  orgId: string;
  uid: string | null;
  version: number;
  endpoints: readonly UnsealedEndpoint[];
}

/**
 * Applications and their endpoints, kept in the process. It may be out of date: whoever relies on it compares `version`
 * within a transaction (the group commit does) or accepts half a minute (rates, caps). Losing it costs two statements.
 */
@Injectable()
export class ApplicationCache {
  private readonly byAppId = new LRUCache<string, CachedApplication>({
    max: MAX_APPLICATIONS,
    maxSize: MAX_ENDPOINTS,
    sizeCalculation: (entry) => 1 + entry.endpoints.length,
    maxEntrySize: MAX_ENDPOINTS,
    ttl: KEPT_MS,
  });
  /** `org uid` → application id, for look-ups by the caller's own name. */
  private readonly appIdByUid = new LRUCache<string, string>({ max: MAX_APPLICATIONS, ttl: KEPT_MS });
  private readonly loading = new Map<string, Promise<CachedApplication | null>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly endpoints: EndpointUnsealer,
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

  /** By id, whatever the organisation: for the engine, whose rows are its own. */
  async byId(appId: string): Promise<CachedApplication | null> {
    return this.byAppId.get(appId) ?? this.once(appId, () => this.load({ id: appId, deleted: false }));
  }

  forget(appId: string): void {
    this.byAppId.delete(appId);
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
    const entry: CachedApplication = {
      appId: application.id,
      orgId: application.orgId,
      uid: application.uid,
      version: application.version,
      endpoints: endpoints.map((endpoint) => this.endpoints.open(rowOf(endpoint, application))),
    };
    this.byAppId.set(entry.appId, entry);
    if (entry.uid !== null) this.appIdByUid.set(`${entry.orgId} ${entry.uid}`, entry.appId);
    return entry;
  }
}

function rowOf(endpoint: Endpoint, application: Application): EndpointRow {
  return {
    id: endpoint.id,
    appId: endpoint.appId,
    url: endpoint.url,
    throttleRate: endpoint.throttleRate ?? application.throttleRate,
    disabled: endpoint.disabled,
    deleted: endpoint.deleted,
    eventTypes: endpoint.eventTypes && JSON.stringify(endpoint.eventTypes),
    channels: endpoint.channels && JSON.stringify(endpoint.channels),
    secrets: JSON.stringify(endpoint.secrets),
    sealedHeaders: endpoint.sealedHeaders,
    failingSince: endpoint.failingSince?.getTime() ?? null,
  };
}
