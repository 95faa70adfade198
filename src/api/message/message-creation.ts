import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../../database/database-clock.js';
import { newId } from '../../domain/ids.js';
import { sourceOf } from '../../domain/json-source.js';
import { EventIdTaken, UnknownApplication } from '../../ingest/ingest-errors.js';
import { Ingest } from '../../ingest/ingest.js';
import type { Accepted, NewMessage } from '../../ingest/member.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { conflict, notFound } from '../http-support/api-error.js';
import type { Naming } from '../http-support/idempotency.js';
import type { MessageIn } from './message.schemas.js';

/**
 * Takes a message in. Once `create` resolves, the message is committed and its deliveries are promised; when the process dies
 * before that, nothing was promised. Asks the database nothing of its own: the hot path is ingest's group commit alone.
 */
@Injectable()
export class MessageCreation {
  constructor(
    private readonly ingest: Ingest,
    private readonly access: ApplicationAccess,
    private readonly clock: DatabaseClock,
  ) {}

  /** An id for a message, by the database's clock. */
  newId(): string {
    return newId('msg_', this.clock.now());
  }

  /**
   * Answers the id that the message has in the end, whether it is one that its key had made before, and how many deliveries it has.
   *
   * @param appKey id or uid of the application; one that doesn't exist is made if the message describes it
   * @param payload what is delivered, byte for byte
   */
  async create(auth: Tenant, appKey: string, naming: Naming, message: MessageIn, payload: Buffer): Promise<Accepted> {
    try {
      return await this.accept(auth, appKey, message, { ...newMessage(message, payload), ...naming });
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
 * What is delivered: the raw payload, or the payload's own text, not what parsing made of it.
 *
 * @param source the text that the message was parsed from
 */
export function payloadIn(message: MessageIn, source: Buffer): Buffer {
  const payload = message.rawPayload === null ? sourceOf(source, message.payloadKey) : Buffer.from(message.rawPayload);
  if (payload === null) throw new Error('The payload was parsed, but its source was not found');
  return payload;
}

/** A message for ingest. */
export function newMessage(message: MessageIn, payload: Buffer): NewMessage {
  const { eventType, eventId, channels, retentionDays, extras } = message;
  return { eventType, eventId, channels, payload, retentionDays, extras };
}
