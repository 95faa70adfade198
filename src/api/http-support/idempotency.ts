import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SharedCache, type Claim } from '../../cache/shared-cache.js';
import { timeOf } from '../../domain/ids.js';
import { Sealer } from '../../domain/sealing.js';
import { ApiError } from './api-error.js';

/** At least as long as a request may take, so that a lock never runs out under a running one. */
const LOCK_MS = 60_000;
const KEEP_MS = 12 * 3_600_000;
/** The client libraries put a key of their own on every POST, good for the few seconds of their retries. */
const KEEP_AUTOMATIC_MS = 10 * 60_000;
const POLL_MS = 100;
const POLL_LIMIT_MS = 10_000;

/** What is kept of an answer. */
type Kept = { status: number; body: unknown };

/** Work that makes one thing, under an id that is chosen before. */
export interface NamedWork<T> {
  newId(): string;
  make(id: string): Promise<T>;
  /** The answer about a thing that was made; null if there is none with this id. */
  recall(id: string): Promise<T | null>;
}

/**
 * Lets a POST that is repeated with the same `idempotency-key` have the first one's answer instead of a second effect.
 *
 * When the process dies under a request: after a minute a repetition runs the work again. When the cache is away: requests run
 * unprotected. A request that failed gives its lock back, so that its repetition may succeed.
 */
@Injectable()
export class Idempotency {
  constructor(
    private readonly cache: SharedCache,
    private readonly sealer: Sealer,
  ) {}

  /** Runs `work`, unless a request with this key has been answered: then its status is set and its body returned. */
  async once<T>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<T>): Promise<T> {
    const key = cacheKey(request);
    if (key === null) return work();
    const owner = randomUUID();
    const claim = await patiently(() => this.claim(key, owner));
    if (claim.state === 'unprotected') return work();
    if (claim.state === 'done') return replay(this.sealer.open(claim.answer), reply);
    try {
      const body = await work();
      // Nobody waits for the cache: a repetition that comes too early waits for the lock.
      if (reply.statusCode >= 300) void this.cache.free(key, owner);
      else void this.cache.finish(key, owner, this.sealed({ status: reply.statusCode, body }), keepMs(request));
      return body;
    } catch (error) {
      await this.cache.free(key, owner);
      throw error;
    }
  }

  /**
   * The same, with one call to the cache instead of two: the lock names the thing that is being made and stays, and whether it was made is
   * asked of those who keep it. So a process that dies between the making and the answer leads to no second one either.
   */
  async onceNamed<T>(request: FastifyRequest, work: NamedWork<T>): Promise<T> {
    const key = cacheKey(request);
    if (key === null) return work.make(work.newId());
    const turn = await patiently(() => this.turn(key, request, work));
    if ('answer' in turn) return turn.answer;
    const { id } = turn;
    try {
      return await work.make(id);
    } catch (error) {
      await this.cache.free(key, id);
      throw error;
    }
  }

  /** A whole answer may carry a token. */
  private sealed(answer: Kept): string {
    return this.sealer.seal(JSON.stringify(answer));
  }

  private async claim(key: string, owner: string): Promise<Exclude<Claim, { state: 'running' }> | null> {
    const claim = await this.cache.claim(key, owner, LOCK_MS);
    return claim.state === 'running' ? null : claim;
  }

  /** Ours to make, under this id; or the answer about what was made; or null while another request is making it. */
  private async turn<T>(
    key: string,
    request: FastifyRequest,
    work: NamedWork<T>,
  ): Promise<{ id: string } | { answer: T } | null> {
    const id = work.newId();
    const claim = await this.cache.claim(key, id, keepMs(request));
    if (claim.state !== 'running') return { id };
    const answer = await work.recall(claim.owner);
    if (answer !== null) return { answer };
    // Whoever had the key died before the thing was made.
    if (Date.now() - timeOf(claim.owner) > LOCK_MS) await this.cache.free(key, claim.owner);
    return null;
  }
}

/** Asks again while another request with the key is running; if that one fails, this one may take its place. */
async function patiently<T>(ask: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + POLL_LIMIT_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() >= deadline)
      throw new ApiError(503, 'service_unavailable', 'A request with this idempotency key is still running');
    await new Promise((wake) => setTimeout(wake, POLL_MS));
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

function replay<T>(text: string, reply: FastifyReply): T {
  const { status, body } = JSON.parse(text) as Kept;
  void reply.status(status);
  return body as T;
}
