import { Inject, Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { OPERATIONS_ORG } from '../domain/operational-event.js';
import { EventIdTaken, UnknownApplication } from '../ingest/ingest-errors.js';
import { Ingest } from '../ingest/ingest.js';
import { withTimeout } from '../async/time-limit.js';

const REQUEST_LIMIT_MS = 10_000;
const TOKEN_SECONDS = 600;

/** A message to a tenant about its own endpoints. */
export interface OperationalMessage {
  eventType: string;
  eventId: string;
  payload: unknown;
}

/** The message was taken, now or before; or there is nobody who wants such messages. */
export type Told = 'told' | 'nobody';

/**
 * The way on which tenants are told: as a message in the application that has the tenant's id for its uid, in this very service
 * or on the server that the configuration names. Its eventId makes telling twice the same as telling once.
 */
@Injectable()
export class OperationalWebhooksOutlet {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly ingest: Ingest,
  ) {}

  /** Throws whatever kept the message from being taken; it may be told again. */
  tell(orgId: string, message: OperationalMessage): Promise<Told> {
    const { url } = this.config.operationalWebhooks;
    return url === null ? this.tellHere(orgId, message) : this.tellThere(url, orgId, message);
  }

  private async tellHere(orgId: string, { eventType, eventId, payload }: OperationalMessage): Promise<Told> {
    try {
      await this.ingest.accept(OPERATIONS_ORG, orgId, {
        eventType,
        eventId,
        channels: null,
        payload: Buffer.from(JSON.stringify(payload)),
        retentionDays: DEFAULT_RETENTION_DAYS,
      });
      return 'told';
    } catch (error) {
      if (error instanceof UnknownApplication) return 'nobody';
      if (error instanceof EventIdTaken) return 'told';
      throw error;
    }
  }

  private async tellThere(url: string, orgId: string, message: OperationalMessage): Promise<Told> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(message), redirect: 'error' } as const;
    const response = await withTimeout(
      REQUEST_LIMIT_MS,
      (signal) => fetch(`${url.replace(/\/+$/, '')}/api/v1/app/${encodeURIComponent(orgId)}/msg`, { ...request, signal }),
      { late: () => new Error(`${url} did not answer within ${REQUEST_LIMIT_MS} ms.`) },
    );
    await response.body?.cancel();
    if (response.ok || response.status === 409) return 'told';
    if (response.status === 404) return 'nobody';
    throw new Error(`${url} answered ${response.status}.`);
  }

  /** One for each message: they are rare, and a token that lives for minutes need not be kept. */
  private token(): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ iss: 'svix-server', sub: OPERATIONS_ORG })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .sign(new TextEncoder().encode(this.config.auth.jwtSecret));
  }
}
