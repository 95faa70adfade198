import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SharedCache, type LockResult } from '../../cache/shared-cache.js';
import type { MessageKey } from '../../database/engine/engine-store.js';
import { isUndecided } from '../../database/errors.js';
import { timeOf } from '../../domain/ids.js';
import { sourceOf } from '../../domain/json-source.js';
import { Sealer } from '../../domain/sealing.js';
import { ApiError } from './api-error.js';
import { JsonText, writtenJson } from './json-text.js';

/** At least as long as a request may take, so that a lock never runs out under a running one. */
const LOCK_MS = 60_000;
const KEEP_MS = 12 * 3_600_000;
/** The client libraries put a key of their own on every POST, good for the few seconds of their retries. */
const KEEP_AUTOMATIC_MS = 10 * 60_000;
/** What the database keeps of a key's digest: 240 bits. */
const HASH_CHARS = 40;
const POLL_MS = 100;
const POLL_LIMIT_MS = 10_000;
/** So long a request at another process is waited for, from when the id was made that it named. */
const UNDER_WAY_MS = 2_000;

/** What is kept of an answer. */
type Kept = { status: number; body: unknown };

/** How a thing is to be made: under which id, and for which key. */
export interface Naming {
  id: string;
  key: MessageKey | null;
  /** Another request named the id for the key. */
  repeats: boolean;
}

/** Work that makes one thing in the database, which remembers the key with it. */
export interface NamedWork<T> {
  newId(): string;
  /** Answers the id that the thing has in the end, and whether it is one that the key had made before. */
  make(naming: Naming): Promise<{ id: string; known: boolean }>;
  /** The answer about what was made just now. */
  shown(id: string): T;
  /** The answer about a thing that was made before; null if there is none with this id. */
  recall(id: string): Promise<T | null>;
}

/**
 * Lets a POST that is repeated with the same `idempotency-key` have the first one's answer instead of a second effect.
 *
 * When the process dies under a request: after a minute a repetition runs the work again. When the cache is away: requests run
 * unprotected. A request that failed gives its lock back, so that its repetition may succeed; but not while nobody knows whether the
 * database will still do what it was asked. Of named work the database itself remembers the key: there the cache only spares it work.
 */
@Injectable()
export class Idempotency {
  /** What this process is doing, by the key's name. */
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(
    private readonly cache: SharedCache,
    private readonly sealer: Sealer,
  ) {}

  /** Runs `work`, unless a request with this key has been answered: then its status is set and its body returned. */
  async once<T>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<T>): Promise<T> {
    const key = keyOf(request);
    if (key === null) return work();
    const { status, body } = await this.inTurn(key, () => this.kept(key, reply, work));
    void reply.status(status);
    return body as T;
  }

  /** The answer to the first request of this process with the key, for all that come while it runs; when it fails, one of them is next. */
  private async inTurn<T>({ name }: Key, work: () => Promise<T>): Promise<T> {
    for (let first = this.underWay.get(name); first; first = this.underWay.get(name)) {
      try {
        return (await first) as T;
      } catch {
        // Whoever waited takes its place.
      }
    }
    const turn = work().finally(() => this.underWay.delete(name));
    this.underWay.set(name, turn);
    return turn;
  }

  private async kept(key: Key, reply: FastifyReply, work: () => Promise<unknown>): Promise<Kept> {
    const owner = randomUUID();
    const claim = await patiently(() => this.claim(key.name, owner));
    if (claim.state === 'done') return opened(this.sealer.open(claim.answer));
    try {
      const body = await work();
      const answer = { status: reply.statusCode, body };
      // Nobody waits for the cache: a repetition that comes too early waits for the lock.
      if (claim.state === 'unprotected') return answer;
      if (answer.status >= 300) void this.cache.unlock(key.name, owner);
      else void this.cache.saveAnswer(key.name, owner, this.sealed(answer), key.keepMs);
      return answer;
    } catch (error) {
      if (claim.state === 'mine' && !isUndecided(error)) await this.cache.unlock(key.name, owner);
      throw error;
    }
  }

  /**
   * The same for work whose key the database remembers, in the transaction that makes the thing: nothing that happens to the cache, to a
   * clock or to a process leads to a second one. The cache names the thing for the key, which spares a repetition a transaction.
   */
  async onceNamed<T>(request: FastifyRequest, work: NamedWork<T>): Promise<T> {
    const key = keyOf(request);
    if (key === null) return work.shown((await work.make({ id: work.newId(), key: null, repeats: false })).id);
    return this.inTurn(key, () => this.named(key, work));
  }

  private async named<T>(key: Key, work: NamedWork<T>): Promise<T> {
    const fresh = work.newId();
    const claim = await this.cache.lock(key.name, fresh, key.keepMs);
    const repeats = claim.state === 'running';
    const id = repeats ? claim.owner : fresh;
    const before = repeats ? await madeBefore(id, UNDER_WAY_MS - (timeOf(fresh) - timeOf(id)), work) : null;
    if (before !== null) return before;
    const made = await this.made({ id, key: { hash: key.hash, keepMs: key.keepMs }, repeats }, key, work);
    if (!made.known) return work.shown(made.id);
    const answer = await work.recall(made.id);
    if (answer !== null) return answer;
    throw unavailable('The outcome of an earlier request with this idempotency key is not known yet; try again');
  }

  private async made<T>(naming: Naming, { name, keepMs }: Key, work: NamedWork<T>): Promise<{ id: string; known: boolean }> {
    try {
      const made = await work.make(naming);
      // Nobody waits for the cache: what it names wrongly costs a repetition a transaction.
      if (made.id !== naming.id) void this.cache.unlock(name, naming.id).then(() => this.cache.lock(name, made.id, keepMs));
      return made;
    } catch (error) {
      if (!isUndecided(error)) await this.cache.unlock(name, naming.id);
      throw error;
    }
  }

  /** A whole answer may carry a token. */
  private sealed(answer: Kept): string {
    return this.sealer.seal(writtenJson(answer));
  }

  private async claim(key: string, owner: string): Promise<Exclude<LockResult, { state: 'running' }> | null> {
    const claim = await this.cache.lock(key, owner, LOCK_MS);
    return claim.state === 'running' ? null : claim;
  }
}

/** What was made under the id that another request named; `waitMs`: how long that request may still take. */
function madeBefore<T>(id: string, waitMs: number, work: NamedWork<T>): Promise<T | null> {
  return repeatedly(() => work.recall(id), waitMs);
}

/** Asks again while another request with the key is running; if that one fails, this one may take its place. */
async function patiently<T>(ask: () => Promise<T | null>): Promise<T> {
  const answer = await repeatedly(ask, POLL_LIMIT_MS);
  if (answer !== null) return answer;
  throw unavailable(
    'A request with this idempotency key is still running, or its outcome is not known yet; try again in a minute',
  );
}

/** Asks until there is an answer, for about so long. By the number of tries: the time in which this process stood still is not the other's. */
async function repeatedly<T>(ask: () => Promise<T | null>, waitMs: number): Promise<T | null> {
  for (let left = Math.ceil(waitMs / POLL_MS); ; left--) {
    const answer = await ask();
    if (answer !== null || left <= 0) return answer;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

interface Key {
  /** In the cache. */
  name: string;
  /** In the database, beside the application. */
  hash: string;
  keepMs: number;
}

/** Null where nothing is asked for. Two tenants' equal keys are different ones; so are those of two operations. */
function keyOf({ method, headers, url }: FastifyRequest): Key | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || !key || !headers.authorization) return null;
  const digest = hash('sha256', JSON.stringify([headers.authorization, key, url]), 'base64url');
  const keepMs = String(key).startsWith('auto_') ? KEEP_AUTOMATIC_MS : KEEP_MS;
  return { name: `idempotency:${digest}`, hash: digest.slice(0, HASH_CHARS), keepMs };
}

function unavailable(detail: string): ApiError {
  return new ApiError(503, 'service_unavailable', detail);
}

/** The answer as it was written, to the byte; the release before reads the same text. */
function opened(text: string): Kept {
  const { status, body } = JSON.parse(text) as Kept;
  if (typeof body !== 'object' || body === null) return { status, body };
  return { status, body: new JsonText(sourceOf(Buffer.from(text), 'body')!.toString()) };
}
