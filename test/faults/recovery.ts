import { setTimeout as sleep } from 'node:timers/promises';
import { anApplication, anEndpoint } from '../support/factories.js';
import type { Customer } from './customer.js';
import type { Installation, Server } from './installation.js';

/** The bounds that docs/reliability.md states. */
export const RED_WITHIN_MS = 6_000;
export const GREEN_WITHIN_MS = 6_000;
export const ANSWER_WITHIN_MS = 6_000;

const PAUSE_MS = 50;
/** A timer is so late on any machine. */
const TIMER_MS = 2;

/**
 * Like `until`, but the bound is what is tested: no patience with a slow service. Time in which this process itself
 * got no CPU does not count: that is how late its own timer is. Answers how long it took, in ms.
 */
export async function within(ms: number, check: () => Promise<boolean>, what: string): Promise<number> {
  const startedAt = performance.now();
  for (let lateMs = 0; ;) {
    const holds = await check().catch(() => false);
    const tookMs = performance.now() - startedAt - lateMs;
    if (holds && tookMs <= ms) return tookMs;
    if (tookMs > ms) throw new Error(`It took more than ${ms} ms until ${what}`);
    const sleptFrom = performance.now();
    await sleep(PAUSE_MS);
    lateMs += Math.max(0, performance.now() - sleptFrom - PAUSE_MS - TIMER_MS);
  }
}

export type Dependency = 'database' | 'cache' | 'queue';

/** The status of a health route, and what it says about a dependency. */
export async function healthOf(server: Server, dependency: Dependency, path = '/health') {
  const answer = await fetch(`${server.url}${path}`);
  const { details } = (await answer.json()) as { details: Record<string, { status: string } | undefined> };
  return { status: answer.status, up: details[dependency]?.status === 'up' };
}

/** For `within`: whether `/health` says this about a dependency. */
export function isUp(server: Server, dependency: Dependency, up: boolean): () => Promise<boolean> {
  return async () => (await healthOf(server, dependency)).up === up;
}

/** A process of the installation whose dependency is up, and an application with an endpoint at `customer`. */
export async function aServer(installation: Installation, dependency: Dependency, customer: Customer) {
  const server = await installation.start();
  const { id } = await anApplication(server);
  await anEndpoint(server, id, { url: customer.url });
  await within(GREEN_WITHIN_MS, isUp(server, dependency, true), 'health was green');
  return { server, appId: id as string };
}

/** Sends a message. Answers its status, and how long that took. */
export async function post(server: Server, appId: string, headers: Record<string, string> = {}) {
  const startedAt = performance.now();
  const {
    status,
    body,
    headers: answered,
  } = await server.api.post(`/app/${appId}/msg`, { eventType: 'a', payload: {} }, headers);
  return { status, id: body.id as string, retryAfter: answered['retry-after'], tookMs: performance.now() - startedAt };
}
