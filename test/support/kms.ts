import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const KMS_KEY = 'arn:aws:kms:us-east-1:123456789012:key/0123abcd-0123-4567-89ab-0123456789ab';

/** What a call gets instead of its answer: an error, or nothing at all. */
export type Trouble = 'AccessDeniedException' | 'DisabledException' | 'ThrottlingException' | 'KMSInternalException' | 'silence';

/** A stand-in for AWS KMS on loopback: GenerateDataKey and Decrypt, as JSON 1.1 with a signature of version 4. */
export interface FakeKms {
  url: string;
  /** The operations that were called, in order. */
  calls: ('GenerateDataKey' | 'Decrypt')[];
  /** What all calls get instead of an answer; null for answers. */
  trouble: Trouble | null;
  /** The names in the encryption contexts that came. */
  contexts: Record<string, string>[];
  stop(): Promise<void>;
}

interface Asked {
  KeyId: string;
  KeySpec?: string;
  CiphertextBlob?: string;
  EncryptionContext: Record<string, string>;
}

const SERVER_FAULTS = new Set(['KMSInternalException']);

/** Starts it. The SDK needs credentials of some kind, from the environment of the process. */
export async function startKms(): Promise<FakeKms> {
  process.env['AWS_ACCESS_KEY_ID'] ??= 'test';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'test';
  // Of the whole KMS: each KMS key has its own name in what it encrypts.
  const master = randomBytes(32);
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const fake: FakeKms = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    contexts: [],
    trouble: null,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = /^TrentService\.(GenerateDataKey|Decrypt)$/.exec(String(request.headers['x-amz-target']))?.[1];
    const asked = JSON.parse((await textOf(request)) || '{}') as Asked;
    const { authorization = '', 'content-type': type } = request.headers;
    if (!operation || type !== 'application/x-amz-json-1.1') return refuse(response, 'UnknownOperationException');
    fake.calls.push(operation as FakeKms['calls'][number]);
    fake.contexts.push(asked.EncryptionContext);
    if (
      !/^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/us-east-1\/kms\/aws4_request, SignedHeaders=[^,]+, Signature=[0-9a-f]{64}$/.test(
        authorization,
      )
    )
      return refuse(response, 'IncompleteSignatureException');
    if (fake.trouble === 'silence') return;
    if (fake.trouble !== null) return refuse(response, fake.trouble);
    if (operation === 'GenerateDataKey') return generate(response, asked);
    decrypt(response, asked);
  }

  function generate(response: ServerResponse, { KeyId, KeySpec, EncryptionContext }: Asked): void {
    if (KeySpec !== 'AES_256') return refuse(response, 'ValidationException');
    const plain = randomBytes(32);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', master, nonce).setAAD(aadOf(KeyId, EncryptionContext));
    const blob = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    send(response, 200, { CiphertextBlob: blob.toString('base64'), KeyId, Plaintext: plain.toString('base64') });
  }

  function decrypt(response: ServerResponse, { KeyId, CiphertextBlob = '', EncryptionContext }: Asked): void {
    const blob = Buffer.from(CiphertextBlob, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', master, blob.subarray(0, 12)).setAAD(aadOf(KeyId, EncryptionContext));
      decipher.setAuthTag(blob.subarray(-16));
      const plain = Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
      send(response, 200, { KeyId, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    } catch {
      refuse(response, 'InvalidCiphertextException');
    }
  }
  return fake;
}

function refuse(response: ServerResponse, type: string): void {
  const body = { __type: type, message: `This is ${type}, of role hidden-role` };
  send(response, SERVER_FAULTS.has(type) ? 500 : 400, body);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function aadOf(keyId: string, context: Record<string, string>): Buffer {
  return Buffer.from(JSON.stringify([keyId, Object.entries(context).sort()]));
}
