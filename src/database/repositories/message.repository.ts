import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ItemSize } from '../../domain/page.js';
import { MAX_SEARCHED, spanTo, type IdWindow, type Span } from '../../domain/time-window.js';
import { MessageEvent } from '../entities/message-event.entity.js';
import { Message } from '../entities/message.entity.js';
import { databaseTime } from '../database-clock.js';
import { dialectOf, isTidb } from '../dialect.js';
import { filtersMessages, isKey, selectWithout, applyWindow, sizesIn, whereMessage, type MessageFilter } from '../list-query.js';
import { awaitOpenTransactions } from '../open-transactions.js';
import { Transactions } from '../transactions.js';

/** What can be large in a message. */
const PAYLOAD = ['m.payload'];

/** Reads messages, and removes payloads. The engine writes messages, in group commits. */
@Injectable()
export class MessageRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** The message with this id or eventId; null if there is none. Reads the payload only if `want.payload`. */
  async find(appId: string, idOrEventId: string, want: { payload: boolean }): Promise<Message | null> {
    if (!isKey(idOrEventId)) return null;
    const query = this.select(want);
    if (idOrEventId.startsWith('msg_')) query.where('m.appId = :appId AND m.id = :key');
    else {
      query
        .innerJoin(MessageEvent, 'e', 'e.appId = m.appId AND e.msgId = m.id')
        .where('e.appId = :appId AND e.eventId = :key AND m.appId = :appId');
    }
    return query.setParameters({ appId, key: idOrEventId }).getOne();
  }

  /** The part of the window that a page with this filter searches. */
  async span(appId: string, window: IdWindow, filter: MessageFilter): Promise<Span> {
    if (!filtersMessages(filter)) return { window, end: null };
    const ids = this.selectAll().select('m.id', 'id').where('m.appId = :appId', { appId });
    const end = await applyWindow(ids, 'm.id', window, 1)
      .offset(MAX_SEARCHED - 1)
      .getRawOne<{ id: string }>();
    return spanTo(window, end?.id);
  }

  /** Up to `count` messages without their payloads, in the window's order of reading. */
  async list(appId: string, window: IdWindow, count: number, filter: MessageFilter): Promise<Message[]> {
    const messages = this.select({ payload: false }).where('m.appId = :appId', { appId });
    return applyWindow(whereMessage(messages, filter), 'm.id', window, count).getMany();
  }

  /** The same, with only the ids and the sizes of the payloads: so the caller can tell which of them it reads. */
  async sizes(appId: string, window: IdWindow, count: number, filter: MessageFilter): Promise<ItemSize[]> {
    const messages = this.selectAll().where('m.appId = :appId', { appId });
    return sizesIn(applyWindow(whereMessage(messages, filter), 'm.id', window, count), 'm.id', PAYLOAD);
  }

  /** The sizes of the payloads of these messages, by id. */
  async sizesOf(appId: string, ids: readonly string[]): Promise<Map<string, number>> {
    if (ids.length === 0) return new Map();
    const messages = this.selectAll().where('m.appId = :appId AND m.id IN (:...ids)', { appId, ids });
    return new Map((await sizesIn(messages, 'm.id', PAYLOAD)).map(({ id, bytes }) => [id, bytes]));
  }

  /** The messages with these ids and their payloads, in this order. Those that were deleted meanwhile are left out. */
  async inOrder(appId: string, ids: readonly string[]): Promise<Message[]> {
    const messages = await this.byIds(appId, ids, { payload: true });
    return ids.flatMap((id) => messages.get(id) ?? []);
  }

  /** Reads the database's clock, ms since 1970. Pollers read it here, because only src/database may use TypeORM. */
  databaseTime(): Promise<number> {
    return databaseTime(this.dataSource);
  }

  /**
   * Waits for open transactions that have written messages in this range, whose rows a plain read does not see yet. Returns false if there
   * are never any: SQLite has one writer. Throws a lock-conflict error (`isLockConflict`) if a transaction stays open for longer than a
   * lock wait.
   */
  async awaitOpen(appId: string, { above, upTo }: { above: string; upTo: string }): Promise<boolean> {
    if (dialectOf(this.dataSource) === 'sqlite') return false;
    if (await isTidb(this.dataSource)) {
      await awaitOpenTransactions(this.dataSource);
      return true;
    }
    await this.dataSource.query(
      'SELECT COUNT(*) FROM message FORCE INDEX (PRIMARY) WHERE app_id = ? AND id > ? AND id <= ? LOCK IN SHARE MODE',
      [appId, above, upTo],
    );
    return true;
  }

  /** The messages with these ids, by id. Reads the payloads only if `want.payload`. */
  async byIds(appId: string, ids: readonly string[], want: { payload: boolean }): Promise<Map<string, Message>> {
    if (ids.length === 0) return new Map();
    const messages = await this.select(want).where('m.appId = :appId AND m.id IN (:...ids)', { appId, ids }).getMany();
    return new Map(messages.map((message) => [message.id, message]));
  }

  /** Removes the payload. Repeating the call changes nothing. */
  async expunge(appId: string, id: string): Promise<void> {
    await this.transactions.write((manager) => manager.update(Message, { appId, id }, { payload: null }));
  }

  private selectAll() {
    return this.dataSource.manager.createQueryBuilder(Message, 'm');
  }

  private select(want: { payload: boolean }) {
    const query = this.selectAll();
    return want.payload ? query : selectWithout(query, 'payload');
  }
}
