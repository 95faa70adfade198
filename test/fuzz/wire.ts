import { Agent, request as send } from 'node:http';
import type { Belongings } from '../support/belongings.js';
import { idsAt } from '../support/operations.js';
import type { Request } from './requests.js';

/** What fills the gaps of requests. */
export interface Known {
  ids: Belongings;
  tokens: Record<'organization' | 'operator' | 'application' | 'readOnly', string>;
}

export interface Answer {
  /** 0 stands for no answer. */
  status: number;
  type: string;
  text: string;
}

/** Longer ones are refused by closing the connection, under the requests of others. */
const MAX_URL_LENGTH = 12_000;
const PATIENCE_MS = 60_000;

/** Sends requests on connections that are kept. */
export class Wire {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    maxSockets: number,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets });
  }

  close(): void {
    this.agent.destroy();
  }

  answerTo(request: Request, { ids, tokens }: Known): Promise<Answer> {
    const body = request.body && Buffer.from(request.body.text, request.body.encoding);
    const length = body === null ? {} : { 'content-length': String(body.length) };
    const options = {
      agent: this.agent,
      method: request.method,
      path: filled(request.path, { id: 'nobody', ...idsAt(pathOf(request), ids) }).slice(0, MAX_URL_LENGTH),
      headers: { ...request.headers, authorization: filled(request.headers['authorization']!, tokens), ...length },
      timeout: PATIENCE_MS,
    };
    return new Promise((resolve) => {
      const none = (reason: string) => resolve({ status: 0, type: '', text: reason });
      const sending = send(this.url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => none(`broken answer: ${error.message}`));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      sending.on('timeout', () => sending.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
      sending.on('error', (error) => none(`no answer: ${error.message}`));
      sending.end(body ?? undefined);
    });
  }
}

function pathOf({ operation }: Request): string {
  return operation.slice(operation.indexOf(' ') + 1);
}

/** Gaps that nothing is known for stay: they were made to be odd. */
function filled(template: string, known: Record<string, string>): string {
  return template.replace(/\{(\w+)\}/g, (gap, name: string) => (Object.hasOwn(known, name) ? known[name]! : gap));
}
