import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { IdMistimed } from '../database/errors.js';
import { ManualDeliveryRepository } from '../database/repositories/manual-delivery.repository.js';
import { newId } from '../domain/ids.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { TaskProducer } from '../queue/task-producer.js';
import { tasksOf } from './tasks-of.js';

const MAX_RUN = 2 ** 31 - 1;
const DAY_MS = 86_400_000;
/** How often an id's time may be refused: after the first time the database's clock is known. */
const ROUNDS = 3;

/**
 * Attempts that somebody asked for (resend). Each is a delivery row of its own beside the automatic one, so that a failed one
 * leaves the planned retries alone. Like a message: the row is committed first, and the scanner finds it if the task is lost.
 */
@Injectable()
export class ManualDeliveries {
  constructor(
    private readonly rows: ManualDeliveryRepository,
    private readonly producer: TaskProducer,
    private readonly clock: DatabaseClock,
  ) {}

  /** Plans one attempt of a message at an endpoint; resolves once it is committed. */
  async add(appId: string, msgId: string, endpointId: string): Promise<void> {
    const ref = { appId, msgId, endpointId, run: randomInt(1, MAX_RUN), fence: 0 };
    await this.rows.insert(ref);
    void this.producer.send(tasksOf([ref]));
  }

  /** Makes a message for one endpoint, whatever that filters by, and plans an attempt; resolves with its id once both are committed. */
  async addMessage(appId: string, endpointId: string, message: { eventType: string; payload: Buffer }): Promise<string> {
    for (let round = 1; ; round++) {
      const now = this.clock.now();
      const ref = { appId, msgId: newId('msg_', now), endpointId, run: randomInt(1, MAX_RUN), fence: 0 };
      try {
        await this.rows.insertWithMessage(ref, { ...message, payloadUntil: now + DEFAULT_RETENTION_DAYS * DAY_MS });
      } catch (error) {
        if (!(error instanceof IdMistimed) || round === ROUNDS) throw error;
        this.clock.learn(error.now, this.clock.own());
        continue;
      }
      void this.producer.send(tasksOf([ref]));
      return ref.msgId;
    }
  }
}
