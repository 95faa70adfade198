import type { DataSource, EntityManager } from 'typeorm';
import { entityTime, firstIdAt } from '../../domain/ids.js';
import { databaseTime } from '../database-clock.js';
import { Application } from '../entities/application.entity.js';
import { Attempt } from '../entities/attempt.entity.js';
import { DeadLetter } from '../entities/dead-letter.entity.js';
import { Delivery } from '../entities/delivery.entity.js';
import { Endpoint } from '../entities/endpoint.entity.js';
import { Message } from '../entities/message.entity.js';
import { OperationalEventRow } from '../entities/operational-event.entity.js';
import { selectWithout } from '../list-query.js';

/** At most so many rows of each kind are read. `incomplete` names the kinds that have more. */
const MAX_ROWS = 1_000;
/** The number of applications in one search for a message. */
const APPLICATIONS_AT_ONCE = 1_000;
/** At most so many characters of a response are read. */
const RESPONSE_CHARS = 200;

/** A message without its payload. */
export type StoryMessage = Omit<Message, 'payload'> & { hasPayload: boolean };
/** The columns of an endpoint that are read. Secrets and headers are not. */
const ENDPOINT_COLUMNS = [
  'id',
  'uid',
  'url',
  'throttleRate',
  'disabled',
  'eventTypes',
  'channels',
  'deleted',
  'updatedAt',
] as const;
/** An endpoint without secrets and headers. */
export type StoryEndpoint = Pick<Endpoint, (typeof ENDPOINT_COLUMNS)[number]>;
/** An attempt with the first part of its response. */
export type StoryAttempt = Pick<
  Attempt,
  'id' | 'endpointId' | 'status' | 'triggerType' | 'statusCode' | 'durationMs' | 'response'
>;

/** Everything that the database has about one message. */
export interface MessageStory {
  /** The database's time, ms since 1970. */
  now: number;
  application: Application;
  message: StoryMessage;
  deliveries: Delivery[];
  attempts: StoryAttempt[];
  /** The endpoints of the application. Those to which the message was not sent are included. */
  endpoints: StoryEndpoint[];
  deadLetters: DeadLetter[];
  /** Operational events that are not sent yet, about the message or about an endpoint to which it is sent. */
  events: OperationalEventRow[];
  /** The names of the lists that have more rows than were read. */
  incomplete: string[];
}

/**
 * Reads everything that belongs to one message, for an operator who has only its id. It writes nothing, and reads no payload, secret or
 * header. Each statement uses a primary key or an index, so it may run on a large and busy database.
 */
export class MessageStoryRepository {
  private readonly manager: EntityManager;

  constructor(private readonly dataSource: DataSource) {
    this.manager = dataSource.manager;
  }

  /**
   * The story of the message with this id; null if there is none.
   *
   * @param appId the application of the message; null if it is not known
   */
  async find(msgId: string, appId: string | null): Promise<MessageStory | null> {
    const incomplete: string[] = [];
    const upToLimit = <T>(name: string, rows: T[]): T[] => {
      if (rows.length > MAX_ROWS) incomplete.push(name);
      return rows.slice(0, MAX_ROWS);
    };
    const deliveries = upToLimit('deliveries', await this.deliveriesOf(msgId));
    const owner = appId ?? deliveries[0]?.appId ?? (await this.applicationOf(msgId));
    const message = owner === null ? null : await this.messageOf(owner, msgId);
    const application = message && (await this.manager.findOneBy(Application, { id: message.appId }));
    if (!message || !application) return null;
    const endpoints = upToLimit('endpoints', await this.endpointsOf(message.appId));
    const known = new Set(endpoints.map(({ id }) => id));
    const missing = [...new Set(deliveries.map(({ endpointId }) => endpointId))].filter((id) => !known.has(id));
    return {
      now: await databaseTime(this.dataSource),
      application,
      message,
      deliveries,
      attempts: upToLimit('attempts', await this.attemptsOf(msgId)),
      endpoints: [...endpoints, ...(await this.endpointsByIds(missing))],
      deadLetters: await this.deadLettersOf(application.orgId, msgId),
      events: await this.eventsOf(message, new Set(deliveries.map(({ endpointId }) => endpointId))),
      incomplete,
    };
  }

  private deliveriesOf(msgId: string): Promise<Delivery[]> {
    const order = { endpointId: 'ASC', run: 'ASC' } as const;
    return this.manager.find(Delivery, { where: { msgId }, order, take: MAX_ROWS + 1 });
  }

  /**
   * The application of a message without deliveries. The primary key of `message` begins with the application, so the search makes one
   * look-up for each application, and reads no other messages.
   */
  private async applicationOf(msgId: string): Promise<string | null> {
    for (let above = ''; ;) {
      const page = await this.manager
        .createQueryBuilder(Application, 'a')
        .select('a.id', 'id')
        .where('a.id > :above', { above })
        .orderBy('a.id')
        .limit(APPLICATIONS_AT_ONCE)
        .getRawMany<{ id: string }>();
      if (page.length === 0) return null;
      const found = await this.manager
        .createQueryBuilder(Message, 'm')
        .useIndex('PRIMARY')
        .select('m.appId', 'appId')
        .where('m.appId IN (:...ids) AND m.id = :msgId', { ids: page.map(({ id }) => id), msgId })
        .getRawOne<{ appId: string }>();
      if (found) return found.appId;
      above = page.at(-1)!.id;
    }
  }

  private async messageOf(appId: string, id: string): Promise<StoryMessage | null> {
    const { entities, raw } = await selectWithout(this.manager.createQueryBuilder(Message, 'm'), 'payload')
      .addSelect('m.payload IS NOT NULL', 'hasPayload')
      .where('m.appId = :appId AND m.id = :id', { appId, id })
      .getRawAndEntities<{ hasPayload: number | string }>();
    const [message] = entities;
    return message ? { ...message, hasPayload: Number(raw[0]?.hasPayload) === 1 } : null;
  }

  private attemptsOf(msgId: string): Promise<StoryAttempt[]> {
    const columns = ['id', 'endpointId', 'status', 'triggerType', 'statusCode', 'durationMs'] as const;
    const query = this.manager.createQueryBuilder(Attempt, 'a').select([]);
    for (const column of columns) query.addSelect(`a.${column}`, column);
    return query
      .addSelect(`SUBSTR(a.response, 1, ${RESPONSE_CHARS})`, 'response')
      .where('a.msgId = :msgId', { msgId })
      .orderBy('a.id')
      .limit(MAX_ROWS + 1)
      .getRawMany<StoryAttempt>();
  }

  private endpointsOf(appId: string): Promise<StoryEndpoint[]> {
    return this.endpoints('endpoint_by_app')
      .where('e.appId = :appId', { appId })
      .orderBy('e.id')
      .limit(MAX_ROWS + 1)
      .getMany();
  }

  /** Endpoints of deliveries that are not among the first MAX_ROWS endpoints of the application. */
  private async endpointsByIds(ids: string[]): Promise<StoryEndpoint[]> {
    return ids.length === 0 ? [] : this.endpoints('PRIMARY').where('e.id IN (:...ids)', { ids }).getMany();
  }

  private endpoints(index: string) {
    return this.manager
      .createQueryBuilder(Endpoint, 'e')
      .useIndex(index)
      .select(ENDPOINT_COLUMNS.map((column) => `e.${column}`));
  }

  /** The id of a dead letter begins with the id of its message. */
  private deadLettersOf(orgId: string, msgId: string): Promise<DeadLetter[]> {
    return this.manager
      .createQueryBuilder(DeadLetter, 'l')
      .where('l.orgId = :orgId AND l.id > :from AND l.id < :to', { orgId, from: `${msgId}:`, to: `${msgId};` })
      .orderBy('l.id')
      .limit(MAX_ROWS)
      .getMany();
  }

  /**
   * Events that were stored after the message was accepted, the oldest first. There is no index by message, so up to MAX_ROWS events of all
   * applications are read. Events that were sent have no row any more.
   */
  private async eventsOf(message: StoryMessage, endpointIds: ReadonlySet<string>): Promise<OperationalEventRow[]> {
    const events = await this.manager
      .createQueryBuilder(OperationalEventRow, 'e')
      .where('e.id >= :from', { from: firstIdAt('opevt_', entityTime(message.id).getTime()) })
      .orderBy('e.id')
      .limit(MAX_ROWS)
      .getMany();
    return events.filter(({ appId, type, data }) => {
      if (appId !== message.appId) return false;
      return data['msgId'] === message.id || (type.startsWith('endpoint.') && endpointIds.has(String(data['endpointId'])));
    });
  }
}
