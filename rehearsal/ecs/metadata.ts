import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { containerDocument, taskDocument, type MetadataFacts } from './metadata-format.js';

/**
 * The task metadata endpoint, version 4, of all tasks: `/v4/<container id>` and `/v4/<container id>/task`.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 * On AWS each task has it at 169.254.170.2 for itself; here the id in the path tells the tasks apart. It has no statistics.
 */
export class MetadataServer {
  private readonly tasks = new Map<string, () => MetadataFacts>();
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => this.answer(request.url ?? '', response));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(): Promise<MetadataServer> {
    const metadata = new MetadataServer();
    await new Promise<void>((done, failed) => metadata.server.once('error', failed).listen(0, '127.0.0.1', done));
    return metadata;
  }

  /** From now on answers for this container. Returns what its ECS_CONTAINER_METADATA_URI_V4 is. */
  serve(containerId: string, facts: () => MetadataFacts): string {
    this.tasks.set(containerId, facts);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v4/${containerId}`;
  }

  forget(containerId: string): void {
    this.tasks.delete(containerId);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done));
    this.server.closeAllConnections();
    await closed;
  }

  private answer(path: string, response: ServerResponse): void {
    const [, id = '', rest = ''] = /^\/v4\/([^/]+)(\/task)?\/?$/.exec(path) ?? [];
    const facts = this.tasks.get(id);
    const document = facts && (rest === '/task' ? taskDocument(facts()) : containerDocument(facts()));
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? `V4 metadata: unable to find ${path}`));
  }
}
