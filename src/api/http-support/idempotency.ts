import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SharedCache, type Claim } from '../../cache/shared-cache.js';
import { Sealer } from '../../domain/sealing.js';
import { ApiError } from './api-error.js';

/** At least as long as a request may take, so that a lock never runs out under a running one. */
const LOCK_MS = 60_000;
const KEEP_MS = 12 * 3_600_000;
/** The client libraries put a key of their own on every POST, good for the few seconds of their retries. */
const KEEP_AUTOMATIC_MS = 10 * 60_000;
const POLL_MS = 100;
const POLL_LIMIT_MS = 10_000;

/** What is kept of an answer: all of it, or the id by which it can be put together again. */
type Kept = { status: number; body: unknown } | { status: number; id: string };

/**
 * Lets a POST that is repeated with the same `idempotency-key` have the first one's answer instead of a second effect.
 *
 * When the process dies under a request: its lock runs out after a minute, and a repetition runs the work again. When the cache
 * is away: requests run unprotected. A request that failed gives its lock back, so that its repetition may succeed.
 */
@Injectable()
export class Idempotency {
  constructor(
    private readonly cache: SharedCache,
    private readonly sealer: Sealer,
  ) {}

  /**
   * Runs `work`, unless a request with this key has been answered: then its status is set and its body returned. With `recall`,
   * only the `id` of the body is kept, and the answer is made anew from it: for bodies that are too large to keep.
   */
  async once<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    work: () => Promise<T>,
    recall?: (id: string) => Promise<T>,
  ): Promise<T> {
    const key = cacheKey(request);
    if (key === null) return work();
    const owner = randomUUID();
    const claim = await this.claimOf(key, owner);
    if (claim.state === 'unprotected') return work();
    if (claim.state === 'done') return replay(this.opened(claim.answer, recall !== undefined), reply, recall);
    try {
      const body = await work();
      // Nobody waits for the cache: a repetition that comes too early waits for the lock.
      if (reply.statusCode >= 300) void this.cache.free(key, owner);
      else void this.cache.finish(key, owner, this.sealed(kept(reply.statusCode, body, recall !== undefined)), keepMs(request));
      return body;
    } catch (error) {
      await this.cache.free(key, owner);
      throw error;
    }
  }

  /** A whole answer may carry a token. An id is no secret, and sealing it would cost the hot path. */
  private sealed(answer: Kept): string {
    const text = JSON.stringify(answer);
    return 'id' in answer ? text : this.sealer.seal(text);
  }

  private opened(answer: string, byId: boolean): Kept {
    return JSON.parse(byId ? answer : this.sealer.open(answer)) as Kept;
  }

  /** Waits while another request with the key is running; if that one fails, this one takes its place. */
  private async claimOf(key: string, owner: string): Promise<Exclude<Claim, { state: 'running' }>> {
    const deadline = performance.now() + POLL_LIMIT_MS;
    for (;;) {
      const claim = await this.cache.claim(key, owner, LOCK_MS);
      if (claim.state !== 'running') return claim;
      if (performance.now() >= deadline)
        throw new ApiError(503, 'service_unavailable', 'A request with this idempotency key is still running');
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  }
}

/** Null where nothing is asked for. Two tenants' equal keys are different ones; so are those of two operations. */
function cacheKey({ method, headers, url }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || !key || !headers.authorization) return null;
  return `idempotency:${hash('sha256', JSON.stringify([headers.authorization, key, url]), 'base64url')}`;
}

function keepMs({ headers }: FastifyRequest): number {
  return String(headers['idempotency-key']).startsWith('auto_') ? KEEP_AUTOMATIC_MS : KEEP_MS;
}

function kept(status: number, body: unknown, byId: boolean): Kept {
  return byId ? { status, id: (body as { id: string }).id } : { status, body };
}

function replay<T>(stored: Kept, reply: FastifyReply, recall?: (id: string) => Promise<T>): Promise<T> | T {
  void reply.status(stored.status);
  if (!('id' in stored)) return stored.body as T;
  if (!recall) throw new Error('An answer was kept by id, and the route has no way to recall it.');
  return recall(stored.id);
}
