import { Injectable } from '@nestjs/common';
import { ApplicationRepository, type NewApplication } from '../../database/repositories/application.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import { invalid, notFound } from '../http-support/api-error.js';
import type { Tenant } from './auth.decorator.js';

/** The way from a path's `{app_id}` (id or uid) to the application, for those who may have it. */
@Injectable()
export class ApplicationAccess {
  /** What a request has asked for already: the guard looks before the body is checked, and the route once more. */
  private readonly found = new WeakMap<Tenant, { idOrUid: string; application: Application }>();

  constructor(private readonly applications: ApplicationRepository) {}

  /** The application, if it is the tenant's and the token is good for it. Throws 404 otherwise. */
  async require(auth: Tenant, idOrUid: string): Promise<Application> {
    const application = await this.find(auth, idOrUid);
    if (!application) throw notFound('Application not found');
    return application;
  }

  /** The same; null otherwise. */
  async find(auth: Tenant, idOrUid: string): Promise<Application | null> {
    const known = this.found.get(auth);
    if (known?.idOrUid === idOrUid) return known.application;
    const application = await this.applications.find(auth.orgId, idOrUid);
    if (!application || (auth.appId !== null && auth.appId !== application.id)) return null;
    this.found.set(auth, { idOrUid, application });
    return application;
  }

  /** The application; one that doesn't exist is made of `given`, whose uid must then be the path's. */
  async requireOrCreate(auth: Tenant, idOrUid: string, given: NewApplication | null | undefined): Promise<Application> {
    const found = await this.applications.find(auth.orgId, idOrUid);
    if (found) return found;
    if (!given) throw notFound('Application not found');
    assertSameUid(idOrUid, given.uid);
    const { application } = await this.applications.getIfExists(auth.orgId, given);
    return application;
  }
}

function assertSameUid(idOrUid: string, uid: string | null): void {
  const loc = ['body', 'application', 'uid'];
  if (uid === null)
    throw invalid(
      loc,
      'The application does not exist yet: to create it, give it the uid in the path',
      'application_uid_missing',
    );
  if (uid !== idOrUid) throw invalid(loc, 'Must be the uid in the path', 'application_uid_mismatch');
}
