import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A call to an AWS service: what was asked, by the name of the operation. */
export interface Call {
  operation: string;
  input: any;
}

export type Answers = Record<string, (input: any, nth: number) => object>;

/** An error that a stand-in answers with. */
export class Refused extends Error {}

/**
 * Stands in for every AWS service of the JSON protocols at once: the real SDK is pointed at it and sends it real requests. An
 * operation without an answer is refused.
 */
export class AwsStandIn {
  readonly calls: Call[] = [];
  private readonly server: Server;
  private answers: Answers = {};

  constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async start(): Promise<void> {
    const port = await listen(this.server);
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'stand-in',
      AWS_SECRET_ACCESS_KEY: 'stand-in',
    });
  }

  /** From now on it answers so, and has heard nothing. */
  play(answers: Answers): void {
    this.answers = answers;
    this.calls.length = 0;
  }

  inputsOf(operation: string): any[] {
    return this.calls.filter((call) => call.operation === operation).map(({ input }) => input);
  }

  async stop(): Promise<void> {
    await close(this.server);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const input = JSON.parse((await bodyOf(request)).toString() || '{}');
    this.calls.push({ operation, input });
    const type = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      const answer = this.answers[operation];
      if (!answer) throw new Refused(`${operation} was not expected`);
      const text = JSON.stringify(answer(input, this.inputsOf(operation).length));
      response.writeHead(200, type).end(text);
    } catch (error) {
      response.writeHead(400, type).end(JSON.stringify({ __type: 'RefusedException', message: String(error) }));
    }
  }
}

/** A server with one handler on a free port of this machine. */
export async function serve(
  handle: (request: {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: Buffer;
  }) => Promise<{ status: number; body: unknown }>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const respond = async () => {
      const headers = request.headers as Record<string, string>;
      const { status, body } = await handle({
        method: request.method!,
        path: request.url!,
        headers,
        body: await bodyOf(request),
      });
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(status === 204 ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    };
    respond().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, stop: () => close(server) };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
