import { Injectable } from '@nestjs/common';
import { inSteps } from '../../async/steps.js';
import { Admission } from '../../ingest/admission.js';
import { BatchIngest } from '../../ingest/batch-ingest.js';
import { TooManyDeliveries, UnknownApplication } from '../../ingest/ingest-errors.js';
import type { NewMessage } from '../../ingest/pending-message.js';
import { MessageQuota } from '../../limits/message-quota.js';
import { OrganizationLimits } from '../../limits/organization-limits.js';
import type { Caller } from '../../limits/request-throttle.js';
import { ApplicationAccess } from '../auth/application-access.js';
import type { Tenant } from '../auth/auth.decorator.js';
import { notFound, type InputProblem } from '../http-support/api-error.js';
import type { MessageOut } from '../http-support/message-out.js';
import { acceptedWithoutContent } from './message-accepted.js';
import { batchItems } from './batch-items.js';
import { batchTooLarge } from './message-batch.schemas.js';
import { newMessage } from './message-creation.js';
import type { MessageIn } from './message.schemas.js';

/** The result of one message: the answer that a single request would get, without the payload. */
export type BatchItemOut =
  | { index: number; status: 202; body: MessageOut }
  | { index: number; status: 409; body: { code: string; detail: string } }
  | { index: number; status: 422; body: { detail: InputProblem[] } };

/** The result of a batch. */
export interface AcceptedBatch {
  items: BatchItemOut[];
  /** The ids of the accepted messages, in the order of the request. */
  msgIds: string[];
  /** The number of their deliveries. */
  deliveries: number;
}

interface Item {
  index: number;
  message: MessageIn;
  forIngest: NewMessage;
}

/**
 * Accepts up to a thousand messages in one request. The valid ones are committed in one transaction. If the process dies before the
 * commit, or the database fails, none of them is stored, and the client can repeat the request. With `eventId`s a repetition never
 * creates a message twice.
 */
@Injectable()
export class MessageBatch {
  constructor(
    private readonly ingest: BatchIngest,
    private readonly access: ApplicationAccess,
    private readonly limits: OrganizationLimits,
    private readonly quota: MessageQuota,
    private readonly admission: Admission,
  ) {}

  async create(auth: Tenant, caller: Caller, appKey: string, body: Buffer): Promise<AcceptedBatch> {
    const good: Item[] = [];
    const out: BatchItemOut[] = [];
    const items = await inSteps(batchItems(body));
    const { maxBatchMessages } = this.limits.of(auth.orgId);
    if (items.length > maxBatchMessages)
      throw batchTooLarge(`A batch has at most ${maxBatchMessages} messages (maxBatchMessages), this one has ${items.length}`);
    for (const [index, item] of items.entries()) {
      if ('problems' in item) out.push({ index, status: 422, body: { detail: item.problems } });
      else good.push({ index, message: item.message, forIngest: newMessage(item.message, item.payload) });
    }
    const accept = () => this.accept(auth, appKey, good);
    const created = ({ ids: all }: { ids: unknown[] }) => all.filter((id) => id !== null).length;
    const charge = () => this.quota.charge(caller, good.length, accept, created);
    const { ids, deliveries } = await this.admission.run(auth.orgId, good.length, 0, charge);
    good.forEach(({ index, message }, at) => out.push(outcomeOf(index, message, ids[at] ?? null)));
    out.sort((one, other) => one.index - other.index);
    return { items: out, msgIds: ids.filter((id) => id !== null), deliveries };
  }

  private async accept(auth: Tenant, appKey: string, items: Item[]): ReturnType<BatchIngest['acceptAll']> {
    const messages = items.map(({ forIngest }) => forIngest);
    try {
      return await this.ingest.acceptAll(auth.orgId, appKey, messages);
    } catch (error) {
      if (error instanceof TooManyDeliveries)
        throw batchTooLarge(`These messages make more than ${error.max} deliveries: send fewer at once`);
      if (!(error instanceof UnknownApplication)) throw error;
      const application = items.find(({ message }) => message.application !== null)?.message.application;
      if (!application) throw notFound('Application not found');
      await this.access.requireOrCreate(auth, appKey, application);
      return this.ingest.acceptAll(auth.orgId, appKey, messages);
    }
  }
}

function outcomeOf(index: number, message: MessageIn, id: string | null): BatchItemOut {
  if (id !== null) return { index, status: 202, body: acceptedWithoutContent(id, message) };
  const detail = 'A message of this application has this eventId already';
  return { index, status: 409, body: { code: 'conflict', detail } };
}
