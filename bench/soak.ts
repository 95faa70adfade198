// npm run soak; see USAGE.
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { freePort } from '../test/support/services.js';
import { claimsFor, randomOrgId, signToken } from '../test/support/tokens.js';
import { optionsOf } from './parts/arguments.js';
import { startProgram, type Program } from './parts/program.js';
import { startStack, type Stack } from './parts/stack.js';
import { asMarkdown, asText, replaceTables, type Table } from './report/layout.js';
import { print, progress } from './report/terminal.js';
import { Client, Customers } from './soak/customers.js';
import { judge, type Finding, type Sample } from './soak/judge.js';
import { SoakLoad } from './soak/load.js';
import { Sampler } from './soak/sampler.js';

const USAGE = `Usage: npm run soak -- [options]

Two processes under a steady load for a long time: memory, handles, event-loop delay, tables and Redis must not grow.
It starts the servers and the service for itself. Exit code 1: something grew.

  --dist FOLDER     the build (default dist)
  --minutes N       (default 120; 15 for a short run)
  --into FILE       puts the table into a document, between <!-- table: soak --> and <!-- end -->`;

/** So many samples, whatever the length. */
const SAMPLES = 90;
/** How often one of the processes is ended and started again, in turn by a signal and by force. */
const RESTARTS = 6;
/** Messages have idempotency keys only if the warm-up is longer than these are kept. */
const KEYED_FROM_MINUTES = 60;
const MINUTE_MS = 60_000;
/** The token is good for so much longer than the soak takes. */
const SPARE_MINUTES = 60;
/** Requests fail at restarts. If more of them do, there was no steady load, and the figures say nothing. */
const MOST_FAILED = 0.01;
/** Quick retries: a delivery is over within seconds. */
const QUICK = { RETRY_SCHEDULE: '1,2,5', DELIVERY_TIMEOUT_SECONDS: '2' };

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const options = optionsOf(USAGE, {
  dist: { type: 'string', default: 'dist' },
  minutes: { type: 'string', default: '120' },
  into: { type: 'string' },
});
const minutes = Number(options.minutes);
process.exit((await main()) ? 0 : 1);

async function main(): Promise<boolean> {
  const stack = await startStack();
  const env = await settings(stack);
  const [one, other] = [await startOne(stack, env), await startOne(stack, env)];
  const customers = new Customers();
  const customersUrl = await customers.open();
  // Of a test it is good for an hour, which is less than a soak takes.
  const exp = Math.floor(Date.now() / 1_000) + (minutes + SPARE_MINUTES) * 60;
  const token = signToken(env['JWT_SECRET']!, { ...claimsFor({ sub: randomOrgId() }), exp });
  const running = { other: other.program };
  const client = new Client(() => [one.program.url, running.other.url], token);
  const load = new SoakLoad(client, customersUrl, minutes >= KEYED_FROM_MINUTES);
  const sampler = new Sampler(stack, env['DATABASE_URL']!);
  const loading = load.run();
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const restart = async (n: number) => {
    isRestarting = true;
    await (n % 2 === 0 ? running.other.stop('SIGTERM') : running.other.kill());
    running.other = (await startOne(stack, env)).program;
  };
  let restarts = 0;
  let [restarting, isRestarting] = [Promise.resolve(), false];
  for (let n = 1; n <= SAMPLES; n++) {
    const at = startedAt + (n / SAMPLES) * minutes * MINUTE_MS;
    await new Promise((later) => setTimeout(later, Math.max(0, at - performance.now())));
    samples.push(await sampler.take(one.program, one.metricsUrl, load.messages));
    const { 'heap after GC, MB': heap, 'open deliveries': open } = samples.at(-1)!.values;
    progress(`${((n / SAMPLES) * minutes).toFixed(1)} min: ${load.messages} messages, heap ${heap?.toFixed(1)} MB, ${open} open`);
    if (!isRestarting && restarts < RESTARTS && n / SAMPLES > (restarts + 0.5) / RESTARTS)
      restarting = restart(restarts++).finally(() => (isRestarting = false));
  }
  load.stop();
  await Promise.all([loading, restarting]);
  const findings = judge(samples, sampler.tolerances);
  report(
    findings,
    `${load.messages} messages, ${customers.received} webhooks, ${restarts} restarts, ${client.failed} requests failed`,
  );
  customers.close();
  await sampler.close();
  await Promise.all([one.program.kill(), running.other.kill()]);
  await stack.stop();
  if (client.failed > client.requests * MOST_FAILED) print(`Too many requests failed. The last one: ${client.refusal}`);
  return findings.every(({ grew }) => !grew) && client.failed <= client.requests * MOST_FAILED;
}

async function settings(stack: Stack): Promise<Record<string, string>> {
  return {
    ...(await stack.environment(`soak_${randomBytes(4).toString('hex')}`)),
    ...QUICK,
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://localhost:3000',
    MIGRATE_ON_START: 'true',
    ALLOWED_SUBNETS: '127.0.0.0/8',
    JWT_SECRET: randomBytes(32).toString('hex'),
    ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    HOST: '127.0.0.1',
    DRAIN_SECONDS: '0',
    LOG_LEVEL: 'warn',
  };
}

async function startOne(stack: Stack, env: Record<string, string>): Promise<{ program: Program; metricsUrl: string }> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const program = await startProgram({
    args: ['--expose-gc', join(resolve(options.dist), 'main.js')],
    env: { ...env, PORT: String(port), METRICS_PORT: String(metricsPort) },
    port,
    logFile: join(stack.folder, `soak-${port}.log`),
  });
  return { program, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics` };
}

function report(findings: readonly Finding[], summary: string): void {
  const rows = findings.map(({ name, early, late, perHour, grewBy, allowed, grew }) => [
    name,
    ...[early, late, perHour, grewBy, allowed].map((value) => value.toFixed(Math.abs(value) < 10 ? 2 : 0)),
    grew ? 'grew' : 'flat',
  ]);
  const columns = ['what', 'early', 'late', 'an hour', 'grew by', 'allowed', 'verdict'];
  const table: Table = { name: 'soak', title: `${minutes} minutes: ${summary}`, columns, rows };
  print(asText(table));
  const grown = findings.filter(({ grew }) => grew).map(({ name }) => name);
  print(grown.length === 0 ? 'Nothing grew.' : `Grew: ${grown.join('; ')}`);
  const markdown = `${table.title}.\n\n${asMarkdown(table)}`;
  if (options.into) replaceTables(options.into, new Map([[table.name, markdown]]), true);
}
