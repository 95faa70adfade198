import { Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { isId } from '../../domain/ids.js';
import { dialectOf, type Dialect } from '../dialect.js';
import { Application } from '../entities/application.entity.js';
import { Delivery } from '../entities/delivery.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { Message } from '../entities/message.entity.js';
import { isKey, readForced } from '../list-query.js';

/** Whose things are searched: those of an organisation, or all (null). */
type Owner = string | null;

/** An application that was found. */
export type FoundApplication = Pick<Application, 'id' | 'uid' | 'name' | 'orgId'>;

/** An endpoint that was found, and its application. */
export interface FoundEndpoint extends Pick<Endpoint, 'id' | 'uid' | 'url' | 'description' | 'disabled'> {
  application: FoundApplication;
}

/** A message that was found, and its application. */
export interface FoundMessage extends Pick<Message, 'id' | 'eventType'> {
  application: FoundApplication;
}

/** The number of applications in one search for a message. */
const APPLICATIONS_AT_ONCE = 1_000;
/** A uid has no character that is sorted behind this one. */
const AFTER_KEYS = '~';
/** The last character of Unicode: no text goes on with one that is sorted behind it. */
const AFTER_TEXTS = '\u{10ffff}';
/** `name_key` has so many characters of a name. */
const KEY_CHARS = 64;

/** Most applications are not deleted. With the sign, SQLite does not begin with an index of `deleted`, and sort. */
const NOT_DELETED = '+a.deleted = :deleted';

const APPLICATION_COLUMNS = ['a.id', 'a.uid', 'a.name', 'a.orgId'];

/**
 * SQL condition: the application's name begins with a text, whatever its case. The second parameter is the end of the range, for SQLite: its LIKE uses
 * no index.
 */
const NAME_BEGINS: Record<Dialect, string> = {
  mysql: "a.name_key LIKE :name ESCAPE '='",
  sqlite: 'a.name COLLATE NOCASE >= :name AND a.name COLLATE NOCASE < :nameEnd',
};
const NAME_ORDER: Record<Dialect, string> = { mysql: 'a.name_key', sqlite: 'a.name COLLATE NOCASE' };

/**
 * Finds applications, endpoints and messages by what people have in their hands: an id, a uid, the beginning of a name. It writes nothing. Each statement
 * reads a primary key or a range of an index, and names the organisation, except for operators. Deleted applications and endpoints are not found.
 */
@Injectable()
export class SearchRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Up to `count` applications with this id, with this uid or one that begins so, or with a name that begins so: in this order. */
  async applications(orgId: Owner, text: string, count: number): Promise<FoundApplication[]> {
    if (isId('app_', text)) return this.ownApplications(orgId).andWhere('a.id = :text', { text }).getMany();
    const byUid = isKey(text) ? await this.byUid(orgId, text, count) : [];
    const byName = byUid.length < count ? await this.byName(orgId, text, count) : [];
    const found = new Map([...byUid, ...byName].map((application) => [application.id, application]));
    return [...found.values()].slice(0, count);
  }

  /** The endpoint with this id; null if there is none. */
  async endpoint(orgId: Owner, id: string): Promise<FoundEndpoint | null> {
    const endpoint = await this.dataSource.manager
      .createQueryBuilder(Endpoint, 'e')
      .select(['e.id', 'e.appId', 'e.uid', 'e.url', 'e.description', 'e.disabled'])
      .where('e.id = :id AND e.deleted = :deleted', { id, deleted: false })
      .andWhere(`EXISTS (${this.ownerOf('e.appId', orgId)})`, { orgId, deleted: false })
      .getOne();
    const application = endpoint && (await this.ownApplication(orgId, endpoint.appId));
    return endpoint && application ? { ...endpoint, application } : null;
  }

  /**
   * The message with this id; null if there is none. One that has deliveries is found by their primary key, which begins with the message.
   * For others each application is asked, by the primary key of `message`, which begins with the application; this ends when `goesOn` answers false.
   */
  async message(orgId: Owner, id: string, goesOn: () => boolean): Promise<{ found: FoundMessage | null; complete: boolean }> {
    const [delivery] = await this.dataSource.manager
      .createQueryBuilder(Delivery, 'd')
      .select(['d.msgId', 'd.endpointId', 'd.run', 'd.appId'])
      .where('d.msgId = :id', { id })
      .andWhere(`EXISTS (${this.ownerOf('d.appId', orgId)})`, { orgId, deleted: false })
      .limit(1)
      .getMany();
    if (delivery) return { found: await this.messageIn(orgId, [delivery.appId], id), complete: true };
    for (let above = ''; goesOn();) {
      const page = await this.applicationIds(orgId, above);
      if (page.length === 0) return { found: null, complete: true };
      const found = await this.messageIn(orgId, page, id);
      if (found) return { found, complete: true };
      above = page.at(-1)!;
    }
    return { found: null, complete: false };
  }

  private byUid(orgId: Owner, text: string, count: number): Promise<FoundApplication[]> {
    const range = { uid: text, uidEnd: text + AFTER_KEYS };
    return this.ownApplications(orgId)
      .andWhere('a.uid >= :uid AND a.uid < :uidEnd', range)
      .orderBy('a.uid')
      .limit(count)
      .getMany();
  }

  private byName(orgId: Owner, text: string, count: number): Promise<FoundApplication[]> {
    const dialect = dialectOf(this.dataSource);
    const begin = [...text].slice(0, KEY_CHARS).join('');
    const range = { name: dialect === 'mysql' ? `${begin.replaceAll(/[=%_]/g, '=$&')}%` : text, nameEnd: text + AFTER_TEXTS };
    return this.ownApplications(orgId).andWhere(NAME_BEGINS[dialect], range).orderBy(NAME_ORDER[dialect]).limit(count).getMany();
  }

  private ownApplications(orgId: Owner): SelectQueryBuilder<Application> {
    const query = this.dataSource.manager.createQueryBuilder(Application, 'a').select(APPLICATION_COLUMNS);
    query.where(NOT_DELETED, { deleted: false });
    return orgId === null ? query : query.andWhere('a.orgId = :orgId', { orgId });
  }

  private ownApplication(orgId: Owner, id: string): Promise<Application | null> {
    return this.ownApplications(orgId).andWhere('a.id = :id', { id }).getOne();
  }

  /** SQL that selects the application of a row, if it belongs to the owner. */
  private ownerOf(appId: string, orgId: Owner): string {
    const query = this.dataSource.manager.createQueryBuilder(Application, 'o').select('o.id');
    query.where(`o.id = ${appId} AND o.deleted = :deleted`);
    return (orgId === null ? query : query.andWhere('o.orgId = :orgId')).getQuery();
  }

  /** For operators also those of deleted applications: with a condition on `deleted`, MariaDB would begin with its index, and sort. */
  private async applicationIds(orgId: Owner, above: string): Promise<string[]> {
    const query = orgId === null ? this.dataSource.manager.createQueryBuilder(Application, 'a') : this.ownApplications(orgId);
    query.select('a.id', 'id').andWhere('a.id > :above', { above });
    const rows = await query.orderBy('a.id').limit(APPLICATIONS_AT_ONCE).getRawMany<{ id: string }>();
    return rows.map(({ id }) => id);
  }

  private async messageIn(orgId: Owner, appIds: readonly string[], id: string): Promise<FoundMessage | null> {
    const query = this.dataSource.manager
      .createQueryBuilder(Message, 'm')
      .useIndex('PRIMARY')
      .select('m.appId', 'appId')
      .addSelect('m.eventType', 'eventType')
      .where('m.appId IN (:...appIds) AND m.id = :id', { appIds, id });
    const [message] = await readForced<Pick<Message, 'appId' | 'eventType'>>(query);
    const application = message && (await this.ownApplication(orgId, message.appId));
    return message && application ? { id, eventType: message.eventType, application } : null;
  }
}
