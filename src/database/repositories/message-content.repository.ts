import { Injectable } from '@nestjs/common';
import { DataSource, In } from 'typeorm';
import { MessageEvent } from '../entities/message-event.entity.js';
import { Message } from '../entities/message.entity.js';
import { isKey } from '../list-query.js';
import { runTaskWrites } from '../task-writes.js';
import { Transactions } from '../transactions.js';

/** Removes the payloads of many messages. */
@Injectable()
export class MessageContentRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Finds messages of the application by their ids or eventIds. Returns the given id or eventId → id. */
  async resolve(appId: string, keys: readonly string[]): Promise<Map<string, string>> {
    const usable = keys.filter(isKey);
    const ids = usable.filter((key) => key.startsWith('msg_'));
    const eventIds = usable.filter((key) => !key.startsWith('msg_'));
    const { manager } = this.dataSource;
    const [messages, events] = await Promise.all([
      ids.length === 0 ? [] : manager.find(Message, { select: { appId: true, id: true }, where: { appId, id: In(ids) } }),
      eventIds.length === 0 ? [] : manager.findBy(MessageEvent, { appId, eventId: In(eventIds) }),
    ]);
    return new Map([
      ...messages.map(({ id }) => [id, id] as const),
      ...events.map(({ eventId, msgId }) => [eventId, msgId] as const),
    ]);
  }

  /** Removes the payloads. Repeating the call changes nothing. */
  async expunge(appId: string, msgIds: readonly string[]): Promise<void> {
    await this.transactions.write((manager) => runTaskWrites(manager, { expunged: { appId, msgIds } }));
  }
}
