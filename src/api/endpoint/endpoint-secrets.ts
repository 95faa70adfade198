import { Inject, Injectable } from '@nestjs/common';
import { CacheInvalidation } from '../../cache/cache-invalidation.js';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { EndpointSealing, type EndpointName, type EndpointSeal } from '../../database/endpoint-sealing.js';
import type { Application } from '../../database/entities/application.entity.js';
import type { Endpoint, SealedSecret } from '../../database/entities/endpoint.entity.js';
import { EndpointRepository } from '../../database/repositories/endpoint.repository.js';
import { SealBroken } from '../../domain/envelope.js';
import { generateSecret, publicForm } from '../../domain/secrets.js';
import { badRequest, notFound } from '../http-support/api-error.js';
import type { SecretRotation } from './endpoint-secret.schemas.js';
import { MAX_OLD_SECRETS, rotatedSecrets } from './secret-rotation.js';

const DEFAULT_GRACE_SECONDS = 24 * 3600;

/** The signing secrets of endpoints. They are stored encrypted (sealed), and decrypted only to sign and to show them to their owner. */
@Injectable()
export class EndpointSecrets {
  constructor(
    private readonly endpoints: EndpointRepository,
    private readonly sealing: EndpointSealing,
    private readonly news: CacheInvalidation,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  /** The secrets of a new endpoint. */
  first(seal: EndpointSeal, endpoint: EndpointName, own: string | null): SealedSecret[] {
    return [{ sealed: seal.seal(endpoint, 'secret', own ?? this.generated()), expiresAt: null }];
  }

  /** The key that verifies signatures: the current secret, or its public key. */
  async show({ id: appId, orgId }: Application, idOrUid: string): Promise<string> {
    const endpoint = await this.endpoints.find(appId, idOrUid);
    if (!endpoint) throw notFound();
    const [{ sealed }] = endpoint.secrets as [SealedSecret];
    return publicForm(await this.sealing.withKeys(() => this.sealing.open({ ...endpoint, orgId }, 'secret', sealed)));
  }

  async rotate({ id: appId, orgId }: Application, idOrUid: string, { key, gracePeriodSeconds }: SecretRotation): Promise<void> {
    const secret = key ?? this.generated();
    const seal = await this.sealing.forWrite();
    const graceMs = (gracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000;
    const nowMs = Date.now();
    const changesOf = (current: Endpoint) => {
      // One that can't be opened can't sign, and would keep the endpoint unreadable.
      const name = { ...current, orgId };
      const readable = current.secrets.filter(({ sealed }) => this.canOpen(name, sealed));
      const sealed = seal.seal(name, 'secret', secret);
      const secrets = rotatedSecrets(readable, sealed, graceMs, nowMs);
      if (!secrets) throw badRequest('limit_reached', `At most ${MAX_OLD_SECRETS} earlier secrets may be valid at the same time`);
      return { secrets };
    };
    const changed = await this.sealing.withKeys(() => this.endpoints.change(appId, idOrUid, changesOf));
    if (!changed) throw notFound();
    this.news.announce(appId);
  }

  private canOpen(endpoint: EndpointName, sealed: string): boolean {
    try {
      return this.sealing.open(endpoint, 'secret', sealed) !== null;
    } catch (error) {
      if (error instanceof SealBroken) return false;
      throw error;
    }
  }

  private generated(): string {
    return generateSecret(this.config.endpoints.defaultSignatureType);
  }
}
