import { join } from 'node:path';
import { usageOf } from '../parts/usage.js';
import type { Target } from '../target.js';
import type { ClosedLoop, OpenLoop, OpenOutcome } from './generator.js';
import type { Counts, Log, Wait } from './receiver.js';
import { startRemote, type Remote } from './remote.js';
import type { Outcome, Plan } from './sender.js';

/** Long: a server that was flooded may still be busy with it. */
const CALL_LIMIT_MS = 60_000;
/** Beyond the time that a loop is given: its last requests, and its report. */
const MORE_MS = 60_000;

/** The load generator and the customers' server, in processes of their own. */
export class Load {
  private readonly generator: Remote = startRemote(join(import.meta.dirname, 'generator.ts'));
  private readonly receiver: Remote = startRemote(join(import.meta.dirname, 'receiver.ts'));
  private receiverPort = 0;
  private runs = 0;

  async open(): Promise<void> {
    this.receiverPort = await this.receiver.call<number>('listen');
  }

  close(): void {
    this.generator.stop();
    this.receiver.stop();
  }

  get receiverUrl(): string {
    return `http://127.0.0.1:${this.receiverPort}`;
  }

  closed(loop: ClosedLoop): Promise<Outcome> {
    return this.generator.call('closed', loop, loop.seconds * 1000 + MORE_MS);
  }

  openLoop(loop: OpenLoop): Promise<OpenOutcome> {
    return this.generator.call('open', loop, loop.seconds * 1000 + MORE_MS);
  }

  /** From now on the receiver counts what comes for this run, and nothing else. */
  async begin(run: string): Promise<void> {
    await this.receiver.call('begin', run);
  }

  arrivals(wait: Wait): Promise<Counts> {
    return this.receiver.call('wait', wait, wait.withinMs + MORE_MS);
  }

  arrivalLog(): Promise<Log> {
    return this.receiver.call('log', undefined, MORE_MS);
  }

  /** A new application with so many endpoints at the receiver, or at `elsewhere`; `run` is what the receiver knows it by. */
  async application(
    target: Target,
    endpointCount: number,
    elsewhere?: string,
  ): Promise<{ appId: string; endpointIds: string[]; run: string }> {
    const run = `run${++this.runs}`;
    const app = await post(target, '/api/v1/app', { name: run });
    const endpointIds: string[] = [];
    for (let n = 0; n < endpointCount; n++) {
      const url = elsewhere ?? `${this.receiverUrl}/${run}/${n}`;
      endpointIds.push((await post(target, `/api/v1/app/${app.id}/endpoint`, { url })).id);
    }
    return { appId: app.id, endpointIds, run };
  }

  /** CPU time of the generator and the receiver so far, in ms. */
  cpuMs(): { generator: number; receiver: number } {
    return { generator: usageOf(this.generator.pid).cpuMs, receiver: usageOf(this.receiver.pid).cpuMs };
  }
}

/** A message of about `bytes` bytes, again and again, as the client libraries send it. */
export function messages(target: Pick<Target, 'url' | 'token'>, appId: string, bytes: number, keepIds: boolean): Plan {
  const start = '{"order":"1042","items":[],"text":"';
  const payload = `${start}${'x'.repeat(Math.max(0, bytes - start.length - 2))}"}`;
  const body = `{"eventType":"order.paid","payload":${payload}}`;
  const path = `/api/v1/app/${appId}/msg?with_content=false`;
  return { url: target.url, token: target.token, method: 'POST', paths: [path], body, keepIds };
}

/** Reads of these paths in turn. */
export function reads(target: Pick<Target, 'url' | 'token'>, paths: string[]): Plan {
  return { url: target.url, token: target.token, method: 'GET', paths, body: null, keepIds: false };
}

async function post(target: Target, path: string, body: unknown): Promise<{ id: string }> {
  const answer = await fetch(target.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${target.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_LIMIT_MS),
  }).catch((error: Error) => {
    throw new Error(`POST ${path} of ${target.name}: ${error.message}`, { cause: error });
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as { id: string };
}
