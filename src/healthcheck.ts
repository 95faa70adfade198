import { withTimeout } from './async/time-limit.js';
import { portOf, runToEnd } from './command-line.js';

const LIMIT_MS = 3_000;

/**
 * The command healthcheck. It runs every few seconds beside a service that may need all of the CPU, and must not cost more than its request.
 * So cli.ts loads only this module for it, and nothing here may import a package, the configuration or the log (test/deploy/healthcheck.test.ts).
 */
export function runHealthcheck([url]: string[], environment: NodeJS.ProcessEnv): Promise<void> {
  return runToEnd(() => healthcheck(url ?? `http://127.0.0.1:${portOf(environment, 3000)}/health/live`));
}

async function healthcheck(url: string): Promise<void> {
  const late = () => new Error(`${url} did not answer within ${LIMIT_MS} ms`);
  const read = async (signal: AbortSignal) => {
    const answer = await fetch(url, { signal });
    // The body counts too: a server that sends headers and then nothing has not answered.
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 1000)}`);
  };
  await withTimeout(LIMIT_MS, read, { late });
}
