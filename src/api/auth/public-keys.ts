import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Loop } from '../../async/loop.js';
import { withTimeout } from '../../async/time-limit.js';
import { APP_CONFIG, type AppConfig } from '../../config/config.js';
import { keysOfDocument, type PublicAlgorithm, type VerifyingKey } from '../../config/public-keys.js';
import { errorFields, Log } from '../../observability/log.js';
import { Outage } from '../../observability/outage.js';
import { ApiError } from '../http-support/api-error.js';

const LIMIT_MS = 5_000;
const MAX_BYTES = 262_144;
/** How often the document is read, if nothing asks for it earlier, and after a failure. */
const REFRESH_MS = 600_000;
const RETRY_MS = 30_000;
/** A token with an unknown key may ask for the document once in this time, so that made-up tokens can't flood its server. */
const MIN_PAUSE_MS = 30_000;
/** The same while there is no document yet. */
const FIRST_PAUSE_MS = 2_000;

/**
 * The public keys that tokens may be signed for. They come from the configuration, or from a JWKS document that is read at the start, every
 * ten minutes, and when a token names a key that is not in it.
 *
 * If the document can't be read, the last keys stay. If it could never be read, tokens that need it get 503.
 */
@Injectable()
export class PublicKeys implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Grows when the keys change. A token that was verified before must be verified again: its key may be gone. */
  generation = 0;
  private readonly url: string | null;
  private keys: readonly VerifyingKey[] | null;
  private reading: Promise<void> | null = null;
  private askedAt = -Infinity;
  private text = '';
  private readonly outage = new Outage();
  private readonly loop = new Loop({
    turn: async () => {
      await this.read();
      return REFRESH_MS;
    },
    failed: () => RETRY_MS,
  });

  constructor(
    @Inject(APP_CONFIG) config: Pick<AppConfig, 'identityProvider'>,
    private readonly log: Log,
  ) {
    const source = config.identityProvider.publicKeys;
    this.url = source?.url ?? null;
    this.keys = source === null ? [] : source.keys;
  }

  onApplicationBootstrap(): void {
    if (this.url !== null) this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** The keys that may have signed a token with this algorithm and `kid`. Throws 503 if the keys are not known yet. */
  async candidates(algorithm: PublicAlgorithm, kid: string | null): Promise<VerifyingKey[]> {
    if (this.url !== null) await this.readFor(kid);
    if (this.keys === null)
      throw new ApiError(503, 'service_unavailable', 'The keys that verify this token can not be read; try again');
    const fitting = this.keys.filter((key) => key.algorithm === algorithm);
    const named = fitting.filter((key) => kid !== null && key.kid === kid);
    if (named.length > 0 || kid === null) return kid === null ? fitting : named;
    return fitting.filter((key) => key.kid === null);
  }

  /** Reads the document if a token needs it, and if that was not tried just before. */
  private async readFor(kid: string | null): Promise<void> {
    const isMissing = this.keys === null || (kid !== null && !this.keys.some((key) => key.kid === kid));
    if (!isMissing) return;
    const pause = this.keys === null ? FIRST_PAUSE_MS : MIN_PAUSE_MS;
    if (this.reading === null && performance.now() - this.askedAt < pause) return;
    await this.read().catch(() => undefined);
  }

  /** One reading at a time: who comes meanwhile waits for it. */
  private read(): Promise<void> {
    this.askedAt = performance.now();
    return (this.reading ??= this.replace().finally(() => (this.reading = null)));
  }

  private async replace(): Promise<void> {
    try {
      const text = await withTimeout(LIMIT_MS, (signal) => documentAt(this.url!, signal));
      if (text !== this.text) {
        this.keys = keysOfDocument(text);
        this.text = text;
        this.generation++;
      }
      this.outage.over();
    } catch (error) {
      const level = this.outage.failed(error);
      if (level) this.log[level]('auth.public_keys_not_read', errorFields(error));
      throw error;
    }
  }
}

/** No redirects: the URL that was configured is the one that is trusted. */
async function documentAt(url: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(`The JWKS document was answered with status ${answer.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    if (bytes > MAX_BYTES) throw new Error(`The JWKS document is larger than ${MAX_BYTES} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
