import { Injectable } from '@nestjs/common';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import type { Application } from '../../database/entities/application.entity.js';
import { isDuplicateKey } from '../../database/errors.js';
import {
  ApplicationRepository,
  type ApplicationChanges,
  type NewApplication,
} from '../../database/repositories/application.repository.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { conflict, notFound, type ApiError } from '../http-support/api-error.js';
import type { ApplicationPut } from '../http-support/application-in.js';
import { uidAfterPut, uidOfPutNew } from '../http-support/put-uid.js';

/** An application, and whether the request created it. */
export interface Outcome {
  application: Application;
  created: boolean;
}

/** Creates, changes and deletes applications. It refuses uids that are in use, and tells the other processes what changed. */
@Injectable()
export class ApplicationService {
  constructor(
    private readonly applications: ApplicationRepository,
    private readonly news: CacheInvalidation,
    private readonly limits: OrganizationLimits,
  ) {}

  create(auth: Tenant, given: NewApplication): Promise<Application> {
    return orConflict(() => this.applications.create(auth.orgId, given, this.max(auth)));
  }

  /** The application that has the uid, unchanged, or a new one. */
  getIfExists(auth: Tenant, given: NewApplication): Promise<Outcome> {
    return this.applications.getIfExists(auth.orgId, given, this.max(auth));
  }

  /** Replaces the application, or creates it. If two requests come at the same time, one creates it and the other replaces it. */
  async put(auth: Tenant, idOrUid: string, given: ApplicationPut): Promise<Outcome> {
    const replaced = await this.replace(auth, idOrUid, given);
    if (replaced) return { application: replaced, created: false };
    const uid = uidOfPutNew('app_', idOrUid, given.uid);
    try {
      const application = await this.applications.create(auth.orgId, { ...given, uid }, this.max(auth));
      return { application, created: true };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const winner = await this.replace(auth, idOrUid, given);
      if (!winner) throw uidInUse();
      return { application: winner, created: false };
    }
  }

  patch({ orgId, id }: Application, changes: ApplicationChanges): Promise<Application> {
    return this.change(orgId, id, changes);
  }

  async remove({ orgId, id }: Application): Promise<void> {
    await this.applications.remove(orgId, id);
    this.news.announce(id);
  }

  private max({ orgId }: Tenant): number {
    return this.limits.of(orgId).maxApps;
  }

  private async replace(auth: Tenant, idOrUid: string, given: ApplicationPut): Promise<Application | null> {
    const existing = await this.applications.find(auth.orgId, idOrUid);
    return existing && this.change(auth.orgId, existing.id, { ...given, uid: uidAfterPut('app_', idOrUid, given.uid) });
  }

  private async change(orgId: string, id: string, changes: ApplicationChanges): Promise<Application> {
    const changed = await orConflict(() => this.applications.update(orgId, id, changes));
    if (!changed) throw notFound('Application not found');
    this.news.announce(id);
    return changed;
  }
}

async function orConflict<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isDuplicateKey(error) ? uidInUse() : error;
  }
}

function uidInUse(): ApiError {
  return conflict('The uid belongs to another application');
}
