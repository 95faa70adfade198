import { Injectable } from '@nestjs/common';
import {
  ApplicationRepository,
  type ApplicationChanges,
  type NewApplication,
} from '../../database/repositories/application.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import { isDuplicateKey } from '../../database/errors.js';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { conflict, notFound, type ApiError } from '../http-support/api-error.js';
import type { ApplicationPut } from '../http-support/application-in.js';
import { uidAfterPut, uidOfPutNew } from '../http-support/put-uid.js';

/** An application, and whether the request made it. */
export interface Outcome {
  application: Application;
  created: boolean;
}

/** Changes of applications: uids are taken or free, and the other processes hear of what changed. */
@Injectable()
export class ApplicationService {
  constructor(
    private readonly applications: ApplicationRepository,
    private readonly access: ApplicationAccess,
    private readonly news: CacheInvalidation,
  ) {}

  create(auth: Tenant, given: NewApplication): Promise<Application> {
    return unlessTaken(() => this.applications.create(auth.orgId, given));
  }

  /** Replaces the application, or makes it: repeating a PUT changes nothing. Of two that come at once, one makes it. */
  async put(auth: Tenant, idOrUid: string, given: ApplicationPut): Promise<Outcome> {
    const replaced = await this.replace(auth, idOrUid, given);
    if (replaced) return { application: replaced, created: false };
    const uid = uidOfPutNew('app_', idOrUid, given.uid);
    try {
      return { application: await this.applications.create(auth.orgId, { ...given, uid }), created: true };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const winner = await this.replace(auth, idOrUid, given);
      if (!winner) throw taken();
      return { application: winner, created: false };
    }
  }

  async patch(auth: Tenant, idOrUid: string, changes: ApplicationChanges): Promise<Application> {
    const { id } = await this.access.require(auth, idOrUid);
    return this.change(auth, id, changes);
  }

  async remove(auth: Tenant, idOrUid: string): Promise<void> {
    const { id } = await this.access.require(auth, idOrUid);
    await this.applications.remove(auth.orgId, id);
    this.news.announce(id);
  }

  private async replace(auth: Tenant, idOrUid: string, given: ApplicationPut): Promise<Application | null> {
    const existing = await this.applications.find(auth.orgId, idOrUid);
    return existing && this.change(auth, existing.id, { ...given, uid: uidAfterPut('app_', idOrUid, given.uid) });
  }

  private async change(auth: Tenant, id: string, changes: ApplicationChanges): Promise<Application> {
    const changed = await unlessTaken(() => this.applications.update(auth.orgId, id, changes));
    if (!changed) throw notFound('Application not found');
    this.news.announce(id);
    return changed;
  }
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw isDuplicateKey(error) ? taken() : error;
  }
}

function taken(): ApiError {
  return conflict('The uid belongs to another application');
}
