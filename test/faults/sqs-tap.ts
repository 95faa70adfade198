import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A recorded call to SQS. */
export interface SqsCall {
  operation: string;
  /** The number of entries of a batch operation; 1 for other operations. */
  entries: number;
  /** `performance.now()` at its start. */
  at: number;
}

/** A proxy between a process and the SQS emulator that records all calls. */
export interface SqsTap {
  url: string;
  calls: SqsCall[];
  /** Operations that are answered with this error of SQS, such as AccessDeniedException, and don't reach the emulator. */
  refused: Map<string, string>;
  /** The number of entries in all calls of this operation. */
  entriesOf(operation: string): number;
  stop(): Promise<void>;
}

export async function tapSqs(emulatorUrl: string): Promise<SqsTap> {
  const calls: SqsCall[] = [];
  const refused = new Map<string, string>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    const at = performance.now();
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
      calls.push({ operation, entries: entriesIn(operation, body), at });
      const code = refused.get(operation);
      if (code !== undefined) {
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' });
        return void response.end(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: 'Refused by the test' }));
      }
      const { method, headers, url } = request;
      const onward = httpRequest(new URL(url!, emulatorUrl), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    refused,
    entriesOf: (operation) => calls.filter((call) => call.operation === operation).reduce((sum, { entries }) => sum + entries, 0),
    async stop() {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}

function entriesIn(operation: string, body: Buffer): number {
  if (!operation.endsWith('Batch')) return 1;
  return (JSON.parse(body.toString('utf8')) as { Entries: unknown[] }).Entries.length;
}
