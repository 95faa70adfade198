import { Injectable } from '@nestjs/common';
import type { OperationalEventRow } from '../database/entities/operational-event.entity.js';
import { MessageRepository } from '../database/repositories/message.repository.js';
import { OperationalEventRepository } from '../database/repositories/operational-event.repository.js';
import { OPERATIONS_ORG } from '../domain/operational-event.js';

/** A message to a tenant about its own endpoints. */
export interface OperationalMessage {
  /** The organisation that is told. */
  orgId: string;
  eventType: string;
  eventId: string;
  payload: unknown;
}

/** Makes the messages to tenants from the events in the database. */
@Injectable()
export class OperationalMessages {
  constructor(
    private readonly events: OperationalEventRepository,
    private readonly messages: MessageRepository,
  ) {}

  /**
   * The message about an event. Null if there is none: the application was deleted, or it is one of the applications that send operational
   * webhooks.
   */
  async about({ id, type, appId, data }: OperationalEventRow): Promise<OperationalMessage | null> {
    const application = await this.events.applicationOf(appId);
    if (!application || application.orgId === OPERATIONS_ORG) return null;
    const about = { appId, appUid: application.uid, ...(await this.eventIdOf(appId, data['msgId'])), ...data };
    return { orgId: application.orgId, eventType: type, eventId: id, payload: { type, data: about } };
  }

  private async eventIdOf(appId: string, msgId: unknown): Promise<{ msgEventId: string | null } | null> {
    if (typeof msgId !== 'string') return null;
    const message = await this.messages.find(appId, msgId, { payload: false });
    return { msgEventId: message?.eventId ?? null };
  }
}
