import { Injectable } from '@nestjs/common';
import { ApplicationRepository } from '../../database/repositories/application.repository.js';
import type { Application } from '../../database/entities/application.entity.js';
import { OPERATIONS_ORG } from '../../domain/operational-event.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { badRequest, notFound } from '../http-support/api-error.js';
import { uid } from '../http-support/schemas.js';

const legalUid = uid('app_');

/**
 * The application whose endpoints receive a tenant's operational webhooks. It belongs to an internal organisation, and its uid is the
 * tenant's id. It is created together with its first endpoint.
 */
@Injectable()
export class OperationalApplication {
  constructor(private readonly applications: ApplicationRepository) {}

  find({ orgId }: Tenant): Promise<Application | null> {
    return this.applications.find(OPERATIONS_ORG, orgId);
  }

  /** Throws 404 if the tenant has no operational endpoint yet. */
  async require(auth: Tenant): Promise<Application> {
    const found = await this.find(auth);
    if (!found) throw notFound();
    return found;
  }

  async make({ orgId }: Tenant): Promise<Application> {
    if (!legalUid.safeParse(orgId).success)
      throw badRequest(
        'generic_error',
        'Operational webhooks are not possible for this organisation: its id contains characters that a uid can not have',
      );
    const given = { name: `Operational webhooks of ${orgId}`, uid: orgId, throttleRate: null, metadata: {} };
    // One for each organisation: no limit of an organisation applies.
    const { application } = await this.applications.getIfExists(OPERATIONS_ORG, given, null);
    return application;
  }
}
