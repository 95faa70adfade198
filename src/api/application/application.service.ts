import { Injectable } from '@nestjs/common';
import { ApplicationRepository, type ApplicationChanges, type NewApplication } from '../../database/application.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import { isDuplicateKey } from '../../database/errors.js';
import { ApplicationNews } from '../../ingest/application-news.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { conflict, notFound } from '../http-support/api-error.js';
import { uid } from '../http-support/schemas.js';

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
    private readonly news: ApplicationNews,
  ) {}

  create(auth: Tenant, given: NewApplication): Promise<Application> {
    return unlessTaken(() => this.applications.create(auth.orgId, given));
  }

  /** Replaces the application, or makes it. A path that could be a uid becomes its uid, so that repeating a PUT changes nothing. */
  async put(auth: Tenant, idOrUid: string, given: NewApplication): Promise<Outcome> {
    const existing = await this.applications.find(auth.orgId, idOrUid);
    if (existing) return { application: await this.change(auth, existing.id, given), created: false };
    const application = await this.create(auth, { ...given, uid: given.uid ?? uidFrom(idOrUid) });
    return { application, created: true };
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

  private async change(auth: Tenant, id: string, changes: ApplicationChanges): Promise<Application> {
    const changed = await unlessTaken(() => this.applications.update(auth.orgId, id, changes));
    if (!changed) throw notFound('Application not found');
    this.news.announce(id);
    return changed;
  }
}

function uidFrom(idOrUid: string): string | null {
  return uid('app_').safeParse(idOrUid).success ? idOrUid : null;
}

async function unlessTaken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isDuplicateKey(error)) throw conflict('The uid belongs to another application');
    throw error;
  }
}
