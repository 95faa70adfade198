import { Injectable } from '@nestjs/common';
import { ApplicationCache } from '../../database/engine/application-cache.js';
import { ApplicationRepository, type NewApplication } from '../../database/repositories/application.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import { invalid, notFound } from '../http-support/api-error.js';
import type { Tenant } from './auth.decorator.js';
import { mayCreateApplications } from './key-scope.js';

/** Finds the application that a path names by id or uid, if the token has access to it. */
@Injectable()
export class ApplicationAccess {
  /** The application that was found for a request, so that it is read once: the guard and the handler may both ask for it. */
  private readonly found = new WeakMap<Tenant, { idOrUid: string; application: Application }>();

  constructor(
    private readonly applications: ApplicationRepository,
    private readonly directory: ApplicationCache,
    private readonly limits: OrganizationLimits,
  ) {}

  /**
   * The application of a token that is limited to one, if the path names it. It is read from the cache, so that messages need no query.
   * The caller must go on with the id and not with the uid: the uid may belong to another application by now. Throws 404 for any other.
   */
  async requireOwn({ orgId, appId }: Tenant, idOrUid: string): Promise<string> {
    if (appId !== null && idOrUid === appId) return appId;
    const named = await this.directory.find(orgId, idOrUid);
    if (appId === null || named?.appId !== appId) throw notFound('Application not found');
    return appId;
  }

  /** The application that the request has found so far, if any. */
  foundFor(auth: Tenant): Application | undefined {
    return this.found.get(auth)?.application;
  }

  /** The application. Throws 404 if it does not exist or the token has no access to it. */
  async require(auth: Tenant, idOrUid: string): Promise<Application> {
    const application = await this.find(auth, idOrUid);
    if (!application) throw notFound('Application not found');
    return application;
  }

  /** The application; null if it does not exist or the token has no access to it. */
  async find(auth: Tenant, idOrUid: string): Promise<Application | null> {
    const known = this.found.get(auth);
    if (known?.idOrUid === idOrUid) return known.application;
    const application = await this.applications.find(auth.orgId, idOrUid);
    if (!application || (auth.appId !== null && auth.appId !== application.id)) return null;
    this.found.set(auth, { idOrUid, application });
    return application;
  }

  /**
   * The application. If it does not exist it is created from `given`, whose uid must then be the one in the path. A key that may not
   * create applications gets a 404 instead.
   */
  async requireOrCreate(auth: Tenant, idOrUid: string, given: NewApplication | null | undefined): Promise<Application> {
    const found = await this.find(auth, idOrUid);
    if (found) return found;
    if (!mayCreateApplications(auth)) throw notFound('Application not found');
    if (!given) throw notFound('Application not found');
    assertSameUid(idOrUid, given.uid);
    const { application } = await this.applications.getIfExists(auth.orgId, given, this.limits.of(auth.orgId).maxApps);
    this.found.set(auth, { idOrUid, application });
    return application;
  }
}

function assertSameUid(idOrUid: string, uid: string | null): void {
  const loc = ['body', 'application', 'uid'];
  if (uid === null)
    throw invalid(
      loc,
      'The application does not exist yet. To create it, set its uid to the one in the path',
      'application_uid_missing',
    );
  if (uid !== idOrUid) throw invalid(loc, 'Must be the uid in the path', 'application_uid_mismatch');
}
