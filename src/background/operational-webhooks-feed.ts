import { Injectable } from '@nestjs/common';
import type { OperationalEventRow } from '../database/entities/operational-event.entity.js';
import { MessageRepository } from '../database/repositories/message.repository.js';
import { OperationalEventRepository } from '../database/repositories/operational-event.repository.js';
import { OPERATIONS_ORG } from '../domain/operational-event.js';
import type { OperationalMessage } from './operational-webhooks-outlet.js';

/** What is to be told, made of the events that were noted when it happened. */
@Injectable()
export class OperationalWebhooksFeed {
  constructor(
    readonly events: OperationalEventRepository,
    private readonly messages: MessageRepository,
  ) {}

  /** Whom to tell of an event, and what; null if nobody can be told. What is told to tenants is itself no news to anybody. */
  async messageOf({
    id,
    type,
    appId,
    data,
  }: OperationalEventRow): Promise<{ orgId: string; message: OperationalMessage } | null> {
    const application = await this.events.subject(appId);
    if (!application || application.orgId === OPERATIONS_ORG) return null;
    const about = { appId, appUid: application.uid, ...(await this.eventIdOf(appId, data['msgId'])), ...data };
    return { orgId: application.orgId, message: { eventType: type, eventId: id, payload: { type, data: about } } };
  }

  private async eventIdOf(appId: string, msgId: unknown): Promise<{ msgEventId: string | null } | null> {
    if (typeof msgId !== 'string') return null;
    const message = await this.messages.find(appId, msgId, { payload: false });
    return { msgEventId: message?.eventId ?? null };
  }
}
