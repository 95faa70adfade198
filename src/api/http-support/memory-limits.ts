import { finished } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ByteBudget, type BudgetLimits, type Share } from '../../async/byte-budget.js';
import { PAGE_BYTES } from '../../domain/page.js';
import { BODY_LIMIT_BYTES } from './bounded.js';

const MIB = 1_048_576;
/** The wait ends before the time limit of the request does. */
const WAITING = { waitMs: 4_500, maxWaiting: 2_000, maxWaitingPerOwner: 200 };

/**
 * What the large bodies and answers of all requests may take together. While a batch is stored it needs about four times the memory of its
 * body. The smallest task has 1 GiB, so these are 64 MiB each, and half of it for one organisation.
 */
export const MEMORY: MemoryLimits = {
  bodies: { bytes: 64 * MIB, bytesPerOwner: 32 * MIB, ...WAITING },
  answers: { bytes: 64 * MIB, bytesPerOwner: 32 * MIB, ...WAITING },
};

/** Budgets for large bodies, and for large answers. */
export interface MemoryLimits {
  bodies: BudgetLimits;
  answers: BudgetLimits;
}

/** Smaller bodies and answers do not count. */
const SMALL_BYTES = 65_536;
/** The requests without a token that is valid share what one organisation may have. */
const NOBODY = '';
const RETRY_AFTER_SECONDS = 2;

/**
 * Limits the memory of large bodies and answers: a request waits for its share before its body is read, and is answered 503 if it waits too
 * long. What waits stays in the sockets. The share is given back when the response is closed, so a client that reads or writes slowly keeps
 * its own organisation waiting and not the others.
 *
 * @param orgOf the organisation of the request's token; throws if the token is not valid
 */
export function limitMemory(
  fastify: FastifyInstance,
  orgOf: (request: FastifyRequest) => Promise<string>,
  limits = MEMORY,
): void {
  const bodies = new ByteBudget(limits.bodies);
  const answers = new ByteBudget(limits.answers);
  const shares = new WeakMap<FastifyRequest, Share>();

  const admit = async (request: FastifyRequest, reply: FastifyReply, [budget, bytes]: Wanted): Promise<boolean> => {
    const share = await budget.take(await orgOf(request).catch(() => NOBODY), bytes);
    if (share === null) {
      void reply.code(503).header('retry-after', RETRY_AFTER_SECONDS).send(BUSY);
      return false;
    }
    shares.set(request, share);
    finished(reply.raw, () => share.release());
    return true;
  };

  fastify.addHook('preParsing', (request, reply, _payload, done) => {
    const bytes = bodyBytes(request);
    if (bytes > SMALL_BYTES) void goOn(admit(request, reply, [bodies, bytes]), done);
    else if (isRead(request)) void goOn(admit(request, reply, [answers, PAGE_BYTES]), done);
    else done();
  });

  fastify.addHook('onSend', (request, _reply, payload, done) => {
    const length = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : null;
    const share = shares.get(request);
    // A body may still be needed, for a repetition by the engine; an answer has its size now.
    if (share && length !== null) share.resize(Math.max(bodyBytes(request), length > SMALL_BYTES ? length : 0));
    done();
  });
}

type Wanted = [budget: ByteBudget, bytes: number];

async function goOn(admitted: Promise<boolean>, done: () => void): Promise<void> {
  if (await admitted) done();
}

const BUSY = { code: 'service_unavailable', detail: 'Too many large requests are being served; try again' };

/** The size of the body; what it can be at most if the request does not say it. 0 for one that is refused because of its size. */
function bodyBytes({ headers, routeOptions }: FastifyRequest): number {
  const max = routeOptions.bodyLimit ?? BODY_LIMIT_BYTES;
  if (headers['transfer-encoding'] !== undefined) return max;
  const bytes = Number(headers['content-length'] ?? 0);
  return bytes <= max ? bytes : 0;
}

/** Whether the answer can be a page of large items. HEAD makes the same page, and leaves it away. */
function isRead({ method, url }: FastifyRequest): boolean {
  if (method === 'POST') return url.startsWith('/api/v1/environment/export');
  return (method === 'GET' || method === 'HEAD') && url.startsWith('/api/v1/') && !url.startsWith('/api/v1/health');
}
