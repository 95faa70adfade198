import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './customers.js';

const APPLICATIONS = 8;
/** How long the first requests are repeated. */
const SET_UP_MS = 120_000;
/** Messages a second: on average, and how much more or less there are in the waves. */
const RATE = 25;
const WAVE = 15;
const WAVE_MS = 120_000;
const TICK_MS = 200;
const MOST_UNDER_WAY = 32;
const BATCH = 20;
/** Every so many-th message: the one before it is read as a portal does, a batch is sent, an application comes and goes. */
const READ_EVERY = 10;
const BATCH_EVERY = 100;
const CHURN_EVERY = 150;
const RESEND_EVERY = 200;
/** A restart takes some seconds. */
const MOST_TRIES = 20;
/** Endpoints that hang get only these: as many as they have permits for. */
const RARE_TYPE = 'order.rare';
const RARE_EVERY = 40;

interface Application {
  id: string;
  endpointIds: string[];
}

/** Messages with ups and downs, reads, batches, resends, and applications that come and go, until `stop`. */
export class SoakLoad {
  /** Messages that were accepted. */
  messages = 0;
  private readonly client: Client;
  private readonly customersUrl: string;
  private readonly keyed: boolean;
  private readonly applications: Application[] = [];
  private stopping = false;
  private sent = 0;

  /** @param keyed whether each message has an idempotency key of its own: these are kept for ten minutes */
  constructor(client: Client, customersUrl: string, keyed: boolean) {
    this.client = client;
    this.customersUrl = customersUrl;
    this.keyed = keyed;
  }

  async run(): Promise<void> {
    await this.client.call('POST', '/event-type', { name: RARE_TYPE, description: 'It goes to endpoints that hang, too.' });
    for (let n = 0; n < APPLICATIONS; n++) this.applications.push(await this.application());
    const under = new Set<Promise<void>>();
    const start = performance.now();
    let due = 0;
    for (let last = start; !this.stopping;) {
      await sleep(TICK_MS);
      const now = performance.now();
      due += ((now - last) / 1_000) * (RATE + WAVE * Math.sin(((now - start) / WAVE_MS) * 2 * Math.PI));
      last = now;
      // On a machine that is too busy, less is sent.
      if (under.size >= MOST_UNDER_WAY) due = 0;
      for (; due >= 1; due--) {
        const one = this.step(this.sent++).finally(() => under.delete(one));
        under.add(one);
      }
    }
    await Promise.all(under);
  }

  stop(): void {
    this.stopping = true;
  }

  private async application(): Promise<Application> {
    const app = await this.made('/app', { name: 'soak' });
    const endpointIds: string[] = [];
    for (const [path, filterTypes] of [
      ['good', null],
      ['slow', null],
      ['fails', null],
      ['hangs', [RARE_TYPE]],
    ] as const) {
      const body = { url: `${this.customersUrl}/${path}`, ...(filterTypes && { filterTypes }) };
      endpointIds.push((await this.made(`/app/${app.id}/endpoint`, body)).id);
    }
    return { id: app.id, endpointIds };
  }

  private async made(path: string, body: unknown): Promise<{ id: string }> {
    // A machine that is too busy at the begin is no reason to give up.
    for (const until = performance.now() + SET_UP_MS; ;) {
      const answer = await this.client.call('POST', path, body);
      if (answer) return answer;
      if (performance.now() > until) throw new Error(`POST ${path}: ${this.client.refusal}`);
    }
  }

  private async step(n: number): Promise<void> {
    const app = this.applications[n % APPLICATIONS]!;
    const headers: Record<string, string> = this.keyed ? { 'idempotency-key': `auto_${randomUUID()}` } : {};
    const sent = await this.client.call('POST', `/app/${app.id}/msg`, message(n), headers);
    if (!sent) return;
    this.messages++;
    if (n % READ_EVERY === 0) await this.read(app, sent.id, n / READ_EVERY);
    if (n % BATCH_EVERY === 0) await this.batch(app, n);
    if (n % RESEND_EVERY === 0)
      await this.client.call('POST', `/app/${app.id}/msg/${sent.id}/endpoint/${app.endpointIds[0]}/resend`, {});
    if (n % CHURN_EVERY === 0) await this.churn(n);
  }

  private async batch(app: Application, n: number): Promise<void> {
    const messages = Array.from({ length: BATCH }, () => message(n));
    if (await this.client.call('POST', `/app/${app.id}/msg/batch`, { messages })) this.messages += BATCH;
  }

  private async read({ id, endpointIds }: Application, msgId: string, n: number): Promise<void> {
    const endpointId = endpointIds[n % endpointIds.length]!;
    const paths = [
      `/app/${id}/msg?limit=50`,
      `/app/${id}/attempt/endpoint/${endpointId}?limit=50`,
      `/app/${id}/attempt/endpoint/${endpointId}?status=2`,
      `/app/${id}/attempt/msg/${msgId}`,
      `/app/${id}/endpoint/${endpointId}/stats`,
      `/app/${id}/endpoint`,
      `/app?limit=50`,
      `/admin/dead-letter`,
    ];
    await this.client.call('GET', paths[n % paths.length]!);
  }

  /** An application with an endpoint gets a message, and goes: by its uid, also if the answer that it was made got lost. */
  private async churn(n: number): Promise<void> {
    const uid = `soak-${randomUUID()}`;
    const app = await this.client.call('POST', '/app', { name: 'soak, for a moment', uid });
    if (app) {
      const endpoint = await this.client.call('POST', `/app/${uid}/endpoint`, { url: `${this.customersUrl}/good` });
      if (await this.client.call('POST', `/app/${uid}/msg`, message(n))) this.messages++;
      await sleep(1_000);
      if (endpoint) await this.client.call('DELETE', `/app/${uid}/endpoint/${endpoint.id}`);
    }
    // While a process is restarted it may fail, and what is left would look like growth.
    for (let tries = 0; tries < MOST_TRIES && !(await this.client.call('DELETE', `/app/${uid}`)); tries++) await sleep(1_000);
  }
}

function message(n: number): unknown {
  return { eventType: n % RARE_EVERY === 0 ? RARE_TYPE : 'order.paid', payload: { n, text: 'x'.repeat(300) } };
}
