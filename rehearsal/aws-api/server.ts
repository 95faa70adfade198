import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Journal } from '../model.js';
import { answer, answerError } from './answer.js';
import { AwsError } from './aws-error.js';
import { readRequest, type ApiRequest } from './request.js';
import type { ApiService } from './service.js';

/** What becomes of an action: too many requests, no answer at all, or an error of the service. */
export type Disturbance = 'throttle' | 'hang' | 'fail';

/**
 * AWS's APIs on 127.0.0.1, in their own wire formats, for SDK clients with this server as AWS_ENDPOINT_URL. It knows the services that it is
 * told to serve. Other requests get an error that says so, and a line in the journal.
 */
export class AwsApi {
  private readonly journal: Journal;
  private readonly services = new Map<string, ApiService>();
  private readonly disturbed = new Map<string, Disturbance>();
  private readonly counts = new Map<string, number>();
  private readonly server = createServer((request, response) => void this.handle(request, response));

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** Listens, and resolves with its URL. */
  async start(): Promise<string> {
    await new Promise<void>((listening, failed) => {
      this.server.once('error', failed);
      this.server.listen(0, '127.0.0.1', listening);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Ends all connections too. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    this.server.closeAllConnections();
    await closed;
  }

  serve(...services: ApiService[]): void {
    for (const service of services) this.services.set(service.key, service);
  }

  /** From now on, requests for this action are disturbed, until what is answered is called. */
  disturb(action: string, how: Disturbance): () => void {
    this.disturbed.set(action, how);
    return () => void this.disturbed.delete(action);
  }

  /** How many requests for this action came. */
  calls(action: string): number {
    return this.counts.get(action) ?? 0;
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    let request: ApiRequest;
    try {
      request = await readRequest(incoming);
    } catch (error) {
      const unread = { protocol: 'other', contentType: '' } as const;
      return answerError(response, unread, new AwsError('SerializationException', `The request can't be read: ${String(error)}`));
    }
    this.counts.set(request.action, this.calls(request.action) + 1);
    const how = this.disturbed.get(request.action);
    if (how === 'hang') return;
    try {
      if (how) throw disturbance(how, request);
      const service = this.services.get(request.key);
      answer(response, request, await this.act(service, request), service?.xmlNamespace);
    } catch (error) {
      answerError(response, request, error instanceof AwsError ? error : this.broken(request, error));
    }
  }

  private async act(service: ApiService | undefined, request: ApiRequest): Promise<object> {
    const { action, input } = request;
    const known = service && Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
    if (!known) throw this.notModelled(service, request);
    return await known(input);
  }

  /** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html: InvalidAction; UnknownOperationException in JSON. */
  private notModelled(service: ApiService | undefined, { protocol, action, signedFor }: ApiRequest): AwsError {
    const where = service?.name ?? `the service ${signedFor}`;
    this.journal.note(service?.source ?? 'scenario', signedFor, 'api.not_modelled', { action });
    const code = protocol === 'query' ? 'InvalidAction' : 'UnknownOperationException';
    return new AwsError(code, `The rehearsal does not model ${action} of ${where}.`);
  }

  private broken({ action, signedFor }: ApiRequest, error: unknown): AwsError {
    this.journal.note('scenario', signedFor, 'api.broken', { action, error: String(error) });
    return new AwsError('InternalFailure', String(error), 500);
  }
}

/** The codes that SDK clients take for throttling: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
function disturbance(how: Disturbance, { protocol, action }: ApiRequest): AwsError {
  if (how === 'fail') return new AwsError('InternalFailure', `The rehearsal lets ${action} fail`, 500);
  return new AwsError(protocol === 'query' ? 'Throttling' : 'ThrottlingException', 'Rate exceeded');
}
