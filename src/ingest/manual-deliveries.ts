import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DatabaseClock } from '../database/database-clock.js';
import { IdMistimed } from '../database/errors.js';
import { ManualDeliveryRepository } from '../database/repositories/manual-delivery.repository.js';
import { newId } from '../domain/ids.js';
import { DEFAULT_RETENTION_DAYS } from '../domain/message-extras.js';
import { ALONE_WEIGHT } from './admission-rule.js';
import { Admission } from './admission.js';
import { packTasks } from '../queue/task.js';
import { TaskProducer } from '../queue/task-producer.js';

const MAX_RUN = 2 ** 31 - 1;
const DAY_MS = 86_400_000;
/** How often the database may refuse the time in an id. After the first time the database's clock is known. */
const MAX_MISTIMED = 3;

/** An application and its organisation. */
interface Owned {
  id: string;
  orgId: string;
}

interface ExampleMessage {
  eventType: string;
  payload: Buffer;
}

/**
 * Deliveries that a customer asked for (resend, send-example). Each is a row of its own beside the automatic delivery and makes one attempt.
 * So a failed one does not change the planned retries.
 *
 * If the process dies before the COMMIT: nothing exists. After it, or if the task is lost: the scanner finds the row.
 */
@Injectable()
export class ManualDeliveries {
  constructor(
    private readonly rows: ManualDeliveryRepository,
    private readonly producer: TaskProducer,
    private readonly clock: DatabaseClock,
    private readonly admission: Admission,
  ) {}

  /**
   * Makes a delivery of an existing message to an endpoint. The caller asks for admission. Resolves once it is committed; with false if the message
   * was removed meanwhile.
   */
  async add(application: Owned, msgId: string, endpointId: string): Promise<boolean> {
    const ref = { appId: application.id, msgId, endpointId, run: randomInt(1, MAX_RUN), fence: 0 };
    if (!(await this.rows.insert(ref))) return false;
    void this.producer.send(packTasks([ref]));
    return true;
  }

  /**
   * Makes a message and its delivery to one endpoint, whatever that endpoint's filters are. Resolves with the message's id once both are
   * committed.
   */
  addMessage({ id, orgId }: Owned, endpointId: string, message: ExampleMessage): Promise<string> {
    return this.admission.run(orgId, ALONE_WEIGHT, message.payload.length, () => this.insertWithMessage(id, endpointId, message));
  }

  private async insertWithMessage(appId: string, endpointId: string, message: ExampleMessage): Promise<string> {
    for (let mistimed = 1; ; mistimed++) {
      const now = this.clock.now();
      const ref = { appId, msgId: newId('msg_', now), endpointId, run: randomInt(1, MAX_RUN), fence: 0 };
      try {
        await this.rows.insertWithMessage(ref, { ...message, payloadUntil: now + DEFAULT_RETENTION_DAYS * DAY_MS });
      } catch (error) {
        if (!(error instanceof IdMistimed) || mistimed === MAX_MISTIMED) throw error;
        this.clock.learn(error.now, this.clock.own());
        continue;
      }
      void this.producer.send(packTasks([ref]));
      return ref.msgId;
    }
  }
}
