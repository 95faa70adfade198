import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { withTimeout } from '../../async/time-limit.js';

/** Two tries of a request fit into the limit of the whole. Credentials are asked for within it too. */
const REQUEST_LIMIT_MS = 1_200;
const LIMIT_MS = 3_000;
const KEY_BYTES = 32;

/** A data key as KMS hands it out: in plain, encrypted, and the ARN of the KMS key that encrypted it. */
export interface GeneratedKey {
  plain: Buffer;
  encrypted: string;
  kmsKey: string;
}

/** Asks AWS KMS for data keys, and to decrypt them. Loaded only when one is needed. */
export class KmsClient {
  private readonly client: KMSClient;

  constructor(region: string) {
    this.client = new KMSClient({
      region,
      maxAttempts: 2,
      retryMode: 'standard',
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: REQUEST_LIMIT_MS,
        throwOnRequestTimeout: true,
        socketTimeout: REQUEST_LIMIT_MS,
      },
    });
  }

  /** Throws errors of the SDK, and TimedOut. */
  async generate(kmsKeyId: string, id: string): Promise<GeneratedKey> {
    const command = new GenerateDataKeyCommand({ KeyId: kmsKeyId, KeySpec: 'AES_256', EncryptionContext: contextOf(id) });
    const answer = await withTimeout(LIMIT_MS, (abortSignal) => this.client.send(command, { abortSignal }));
    const encrypted = Buffer.from(answer.CiphertextBlob ?? []).toString('base64');
    return { plain: keyIn(answer.Plaintext), encrypted, kmsKey: answer.KeyId ?? kmsKeyId };
  }

  /** Throws errors of the SDK, and TimedOut. */
  async decrypt(id: string, { encrypted, kmsKey }: Omit<GeneratedKey, 'plain'>): Promise<Buffer> {
    const blob = Buffer.from(encrypted, 'base64');
    const command = new DecryptCommand({ KeyId: kmsKey, CiphertextBlob: blob, EncryptionContext: contextOf(id) });
    const { Plaintext } = await withTimeout(LIMIT_MS, (abortSignal) => this.client.send(command, { abortSignal }));
    return keyIn(Plaintext);
  }

  close(): void {
    this.client.destroy();
  }
}

/** KMS binds the data key to this, shows it in CloudTrail, and can be told to refuse any other (`kms:EncryptionContext:service`). */
function contextOf(id: string): Record<string, string> {
  return { service: 'posthorn', dataKey: id };
}

function keyIn(bytes: Uint8Array | undefined): Buffer {
  if (bytes?.length !== KEY_BYTES) throw new Error('AWS KMS answered without a data key of 32 bytes.');
  return Buffer.from(bytes);
}
