import { Inject, Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { withTimeout } from '../async/time-limit.js';
import { APP_CONFIG, type AppConfig } from '../config/config.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { OPERATIONS_ORG } from '../domain/operational-event.js';
import { EventIdTaken, UnknownApplication } from '../ingest/ingest-errors.js';
import { Ingest } from '../ingest/ingest.js';
import type { OperationalMessage } from './operational-messages.js';

const REQUEST_LIMIT_MS = 10_000;
const TOKEN_SECONDS = 600;

/**
 * Sends operational messages: each becomes a message of the application whose uid is the tenant's id, in this service or on the server
 * that the configuration names. A message that is sent again is known by its eventId there, and does nothing.
 */
@Injectable()
export class OperationalWebhooksSender {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly ingest: Ingest,
  ) {}

  /**
   * Resolves when the message was accepted, now or before, or when the tenant has no application for such messages. Throws whatever kept
   * it from being accepted; it may be sent again then.
   */
  send(message: OperationalMessage): Promise<void> {
    const { url } = this.config.operationalWebhooks;
    return url === null ? this.sendHere(message) : this.sendTo(url, message);
  }

  private async sendHere({ orgId, eventType, eventId, payload }: OperationalMessage): Promise<void> {
    try {
      await this.ingest.accept(OPERATIONS_ORG, orgId, {
        eventType,
        eventId,
        channels: null,
        payload: Buffer.from(JSON.stringify(payload)),
        retentionDays: DEFAULT_RETENTION_DAYS,
      });
    } catch (error) {
      if (!(error instanceof UnknownApplication || error instanceof EventIdTaken)) throw error;
    }
  }

  private async sendTo(url: string, { orgId, ...message }: OperationalMessage): Promise<void> {
    const headers = { authorization: `Bearer ${await this.token()}`, 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(message), redirect: 'error' } as const;
    const response = await withTimeout(
      REQUEST_LIMIT_MS,
      (signal) => fetch(`${url.replace(/\/+$/, '')}/api/v1/app/${encodeURIComponent(orgId)}/msg`, { ...request, signal }),
      { late: () => new Error(`${url} did not answer within ${REQUEST_LIMIT_MS} ms.`) },
    );
    await response.body?.cancel();
    // 409: it has the message already. 404: the tenant has no application there.
    if (response.ok || response.status === 409 || response.status === 404) return;
    throw new Error(`${url} answered ${response.status}.`);
  }

  /** A new token for each message: messages are rare, and a token that is valid for minutes need not be kept. */
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
