import { DataKeyAway } from '../../domain/data-key.js';
import { SealBroken } from '../../domain/envelope.js';
import { errorFields, type Log } from '../../observability/log.js';
import { Outage } from '../../observability/outage.js';
import type { KmsClient } from './kms-client.js';

/** After a failure KMS is left alone for so long. Then one call finds out whether it answers again, and the others still fail at once. */
const PAUSE_MS = 5_000;
/** Longer than a call takes. */
const PROBE_MS = 4_000;
/**
 * Errors with which KMS says that it will not do this, however often it is asked: no right, another key, a changed ciphertext, a key that
 * is disabled or being deleted. https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html#API_Decrypt_Errors
 */
const REFUSALS = new Set([
  'AccessDeniedException',
  'DisabledException',
  'IncorrectKeyException',
  'InvalidCiphertextException',
  'InvalidKeyUsageException',
  'KMSInvalidStateException',
  'NotFoundException',
]);

/**
 * Calls AWS KMS, and sorts what comes back: an answer, a refusal (SealBroken), or nothing for now (DataKeyAway). After a failure the next
 * calls fail at once, so that no request waits long for a KMS that is away. The client is loaded with the first call.
 */
export class Kms {
  private client: Promise<KmsClient> | null = null;
  private readonly outage = new Outage();
  /** Calls fail at once until then; 0 while KMS answers. On the monotonic clock. */
  private awayUntil = 0;

  constructor(
    private readonly region: string,
    private readonly log: Log,
  ) {}

  /** @throws SealBroken if KMS refuses; DataKeyAway if it does not answer, or says that it can't at the moment */
  async call<T>(dataKeyId: string, work: (client: KmsClient) => Promise<T>): Promise<T> {
    const now = performance.now();
    if (now < this.awayUntil) throw away();
    if (this.awayUntil > 0) this.awayUntil = now + PROBE_MS;
    try {
      const result = await work(await this.loaded());
      this.answered();
      return result;
    } catch (error) {
      throw this.sorted(error, dataKeyId);
    }
  }

  async close(): Promise<void> {
    const client = await this.client?.catch(() => null);
    client?.close();
  }

  private loaded(): Promise<KmsClient> {
    this.client ??= import('./kms-client.js').then(({ KmsClient }) => new KmsClient(this.region));
    return this.client;
  }

  private answered(): void {
    this.awayUntil = 0;
    const awayMs = this.outage.over();
    if (awayMs !== null) this.log.info('kms.back', { awayMs });
  }

  /** The text of a refusal names a role and a KMS key. It is for the log; owners of endpoints see only what kind of error it was. */
  private sorted(error: unknown, dataKeyId: string): Error {
    const name = error instanceof Error ? error.name : '';
    if (REFUSALS.has(name)) {
      this.answered();
      this.log.error('kms.refused', { dataKeyId, ...errorFields(error) });
      return new SealBroken(`Sealed with data key ${dataKeyId}, which AWS KMS refuses (${name})`);
    }
    this.awayUntil = performance.now() + PAUSE_MS;
    const level = this.outage.failed(error);
    const effect = 'data keys that are in memory are used; what needs another one waits';
    if (level) this.log[level]('kms.away', { ...errorFields(error), effect });
    return away();
  }
}

function away(): DataKeyAway {
  return new DataKeyAway('AWS KMS does not answer, and this needs a data key from it; try again');
}
