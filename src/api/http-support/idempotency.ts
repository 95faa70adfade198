import { hash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SharedCache, type LockResult } from '../../cache/shared-cache.js';
import { SealingMode } from '../../database/sealing-mode.js';
import type { MessageKey } from '../../database/engine/engine-store.js';
import { isUndecided } from '../../database/errors.js';
import { timeOf } from '../../domain/ids.js';
import { sourceOf } from '../../domain/json-source.js';
import { SealBroken, type Binding } from '../../domain/envelope.js';
import { Sealer } from '../../domain/sealing.js';
import { ApiError, conflict } from './api-error.js';
import { JsonText, writtenJson } from './json-text.js';

/** Longer than any request takes, so that a lock does not expire while its request is running. */
const LOCK_MS = 60_000;
const KEEP_MS = 12 * 3_600_000;
/** The client libraries add their own key to every POST. They need it only for the seconds of their retries. */
const KEEP_AUTOMATIC_MS = 10 * 60_000;
/** The length of a key's digest in the database: 240 bits. */
const HASH_CHARS = 40;
const POLL_MS = 100;
const POLL_LIMIT_MS = 10_000;
/** How long a request waits for one with the same key in another process, from the time of that request's id. */
const OTHER_REQUEST_MS = 2_000;

/** A stored answer. */
type StoredAnswer = { status: number; body: unknown };

/** The id and the idempotency key with which a row is created. */
export interface AssignedId {
  id: string;
  key: MessageKey | null;
  /** Another request has reserved this id for the key. */
  repeats: boolean;
}

/** Work that creates one row in the database, which stores the key in the same transaction. */
export interface CreationWork<T> {
  newId(): string;
  /** Creates the row. Answers its id, and whether an earlier request with the key created it. */
  create(assigned: AssignedId): Promise<{ id: string; known: boolean }>;
  /** The answer for the row that was just created. */
  created(id: string): T | Promise<T>;
  /** The answer for a row that exists already; null if there is none with this id. */
  existing(id: string): Promise<T | null>;
}

/**
 * Gives a POST that is repeated with the same `idempotency-key` the answer of the first one, without a second effect.
 *
 * - If the process dies during a request, a repetition runs the work again after a minute, when the lock has expired.
 * - If the cache is unavailable, requests run without protection.
 * - If a request fails, its lock is released, so that a repetition can succeed. While it is not known whether the database still
 *   commits, the lock stays.
 * - If the work creates one row (`createOnce`), the database stores the key itself. The cache then only saves transactions.
 */
@Injectable()
export class Idempotency {
  /** The requests that run in this process, by the name of their key. */
  private readonly running = new Map<string, Promise<unknown>>();

  constructor(
    private readonly cache: SharedCache,
    private readonly sealer: Sealer,
    private readonly mode: SealingMode,
  ) {}

  /** Runs `work`. If a request with this key has been answered, sets the status of its answer and returns its body instead. */
  async once<T>(request: FastifyRequest, reply: FastifyReply, work: () => Promise<T>): Promise<T> {
    const key = keyOf(request);
    if (key === null) return work();
    const { status, body } = await this.oneAtATime(key, () => this.runOrReplay(key, reply, work));
    void reply.status(status);
    return body as T;
  }

  /** Runs one request of a key at a time. Requests that come meanwhile get the same answer; if it fails, one of them runs next. */
  private async oneAtATime<T>({ name }: Key, work: () => Promise<T>): Promise<T> {
    for (let first = this.running.get(name); first; first = this.running.get(name)) {
      try {
        return (await first) as T;
      } catch {
        // One of the waiting requests runs next.
      }
    }
    const turn = work().finally(() => this.running.delete(name));
    this.running.set(name, turn);
    return turn;
  }

  private async runOrReplay(key: Key, reply: FastifyReply, work: () => Promise<unknown>): Promise<StoredAnswer> {
    const owner = randomUUID();
    const lock = await untilAnswered(() => this.lock(key.name, owner));
    if (lock.state === 'done') return this.opened(key, lock.answer);
    try {
      const body = await work();
      const answer = { status: reply.statusCode, body };
      // The answer does not wait for the cache. A repetition that comes before the cache has it waits for the lock.
      if (lock.state === 'unprotected') return answer;
      if (answer.status >= 300) void this.cache.unlock(key.name, owner);
      else void this.save(key, owner, answer);
      return answer;
    } catch (error) {
      if (lock.state === 'mine' && !isUndecided(error)) await this.cache.unlock(key.name, owner);
      throw error;
    }
  }

  /**
   * The same for work that creates one row. The database stores the key in the transaction that creates the row, so no failure of the
   * cache, a clock or a process leads to a second row. The cache stores the id of the row for the key, which saves a repetition its
   * transaction.
   */
  async createOnce<T>(request: FastifyRequest, work: CreationWork<T>): Promise<T> {
    const key = keyOf(request);
    if (key === null) return work.created((await work.create({ id: work.newId(), key: null, repeats: false })).id);
    return this.oneAtATime(key, () => this.createOrRecall(key, work));
  }

  private async createOrRecall<T>(key: Key, work: CreationWork<T>): Promise<T> {
    const fresh = work.newId();
    const lock = await this.cache.lock(key.name, fresh, key.keepMs);
    const repeats = lock.state === 'running';
    const id = repeats ? lock.owner : fresh;
    const before = repeats ? await createdBefore(id, OTHER_REQUEST_MS - (timeOf(fresh) - timeOf(id)), work) : null;
    if (before !== null) return before;
    const made = await this.create({ id, key: { hash: key.hash, keepMs: key.keepMs }, repeats }, key, work);
    if (!made.known) return work.created(made.id);
    const answer = await work.existing(made.id);
    if (answer !== null) return answer;
    throw unavailable('The outcome of an earlier request with this idempotency key is not known yet; try again');
  }

  private async create<T>(
    assigned: AssignedId,
    { name, keepMs }: Key,
    work: CreationWork<T>,
  ): Promise<{ id: string; known: boolean }> {
    try {
      const made = await work.create(assigned);
      // The answer does not wait for the cache. A wrong id in the cache costs a repetition one transaction.
      if (made.id !== assigned.id) void this.cache.unlock(name, assigned.id).then(() => this.cache.lock(name, made.id, keepMs));
      return made;
    } catch (error) {
      if (!isUndecided(error)) await this.cache.unlock(name, assigned.id);
      throw error;
    }
  }

  /**
   * Answers are stored encrypted, because they may contain a token, and bound to their key. If the database can't be asked whether to
   * bind, the answer is not stored: its key stays locked for a minute.
   */
  private async save(key: Key, owner: string, answer: StoredAnswer): Promise<void> {
    const bound = await this.mode.isBound().catch(() => null);
    if (bound === null) return;
    const sealed = this.sealer.seal(writtenJson(answer), bound ? bindingOf(key) : null);
    await this.cache.saveAnswer(key.name, owner, sealed, key.keepMs);
  }

  /** An answer whose encryption key is gone can't be repeated, and the work must not run again. */
  private opened(key: Key, sealed: string): StoredAnswer {
    try {
      return parsed(this.sealer.open(sealed, bindingOf(key)));
    } catch (error) {
      if (error instanceof SealBroken)
        throw conflict(`The answer to the first request with this idempotency key can not be read (${error.message})`);
      throw error;
    }
  }

  private async lock(key: string, owner: string): Promise<Exclude<LockResult, { state: 'running' }> | null> {
    const lock = await this.cache.lock(key, owner, LOCK_MS);
    return lock.state === 'running' ? null : lock;
  }
}

/** The answer for the row that another request creates under this id. Waits up to `waitMs` for it. */
function createdBefore<T>(id: string, waitMs: number, work: CreationWork<T>): Promise<T | null> {
  return pollUntil(() => work.existing(id), waitMs);
}

/** Asks until no other request with the key is running. Throws 503 if that takes too long. */
async function untilAnswered<T>(ask: () => Promise<T | null>): Promise<T> {
  const answer = await pollUntil(ask, POLL_LIMIT_MS);
  if (answer !== null) return answer;
  throw unavailable(
    'A request with this idempotency key is still running, or its outcome is not known yet; try again in a minute',
  );
}

/** Asks until there is an answer, for about `waitMs`. It counts tries, so time in which this process was stopped does not count. */
async function pollUntil<T>(ask: () => Promise<T | null>, waitMs: number): Promise<T | null> {
  for (let left = Math.ceil(waitMs / POLL_MS); ; left--) {
    const answer = await ask();
    if (answer !== null || left <= 0) return answer;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

interface Key {
  /** The key in the cache. */
  name: string;
  /** The key in the database, unique within an application. */
  hash: string;
  keepMs: number;
}

/** The key of a request; null without one. Equal keys of two tokens, or for two URLs, are different keys. */
function keyOf({ method, headers, url }: FastifyRequest): Key | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || !key || !headers.authorization) return null;
  const digest = hash('sha256', JSON.stringify([headers.authorization, key, url]), 'base64url');
  const keepMs = String(key).startsWith('auto_') ? KEEP_AUTOMATIC_MS : KEEP_MS;
  return { name: `idempotency:${digest}`, hash: digest.slice(0, HASH_CHARS), keepMs };
}

function bindingOf({ name }: Key): Binding {
  return ['answer', name];
}

function unavailable(detail: string): ApiError {
  return new ApiError(503, 'service_unavailable', detail);
}

/** Parses a stored answer. Its body keeps its exact text. The previous release must be able to read the stored text. */
function parsed(text: string): StoredAnswer {
  const { status, body } = JSON.parse(text) as StoredAnswer;
  if (typeof body !== 'object' || body === null) return { status, body };
  return { status, body: new JsonText(sourceOf(Buffer.from(text), 'body')!.toString()) };
}
