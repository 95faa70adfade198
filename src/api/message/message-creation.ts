import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database-clock.js';
import { newId } from '../../domain/ids.js';
import { sourceOf } from '../../domain/json-source.js';
import { EventIdTaken, UnknownApplication } from '../../ingest/ingest-errors.js';
import { Ingest } from '../../ingest/ingest.js';
import type { Accepted, NewMessage } from '../../ingest/pending-message.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { conflict, notFound } from '../http-support/api-error.js';
import type { AssignedId } from '../http-support/idempotency.js';
import type { MessageIn } from './message.schemas.js';

/**
 * Accepts a message. Once `create` resolves, the message is committed and its deliveries are promised. If the process dies before,
 * nothing was promised. This class sends no statements itself, because the hot path is only the group commit of ingest.
 */
@Injectable()
export class MessageCreation {
  constructor(
    private readonly ingest: Ingest,
    private readonly access: ApplicationAccess,
    private readonly clock: DatabaseClock,
  ) {}

  /** A new message id, by the clock of the database. */
  newId(): string {
    return newId('msg_', this.clock.now());
  }

  /**
   * Answers the id of the message, whether an earlier request with the same idempotency key created it, and the number of its
   * deliveries.
   *
   * @param appKey id or uid of the application; if it does not exist, it is created from `message.application`
   * @param payload the bytes to deliver
   */
  async create(auth: Tenant, appKey: string, assigned: AssignedId, message: MessageIn, payload: Buffer): Promise<Accepted> {
    try {
      return await this.accept(auth, appKey, message, { ...newMessage(message, payload), ...assigned });
    } catch (error) {
      if (error instanceof EventIdTaken) throw conflict('A message of this application has this eventId already');
      if (error instanceof UnknownApplication) throw notFound('Application not found');
      throw error;
    }
  }

  private async accept(auth: Tenant, appKey: string, { application }: MessageIn, message: NewMessage): Promise<Accepted> {
    try {
      return await this.ingest.accept(auth.orgId, appKey, message);
    } catch (error) {
      if (!(error instanceof UnknownApplication) || application === null) throw error;
      await this.access.requireOrCreate(auth, appKey, application);
      return this.ingest.accept(auth.orgId, appKey, message);
    }
  }
}

/**
 * The bytes to deliver: the raw payload, or the source text of the payload.
 *
 * @param source the JSON text of the message
 */
export function payloadIn(message: MessageIn, source: Buffer): Buffer {
  const payload = message.rawPayload === null ? sourceOf(source, message.payloadKey) : Buffer.from(message.rawPayload);
  if (payload === null) throw new Error('The payload was parsed, but its source was not found');
  return payload;
}

/** The message as ingest takes it. */
export function newMessage(message: MessageIn, payload: Buffer): NewMessage {
  const { eventType, eventId, channels, retentionDays, extras } = message;
  return { eventType, eventId, channels, payload, retentionDays, extras };
}
