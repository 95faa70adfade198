import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { handler as receive } from '../../hooks/receiver.mjs';
import { handler } from '../../hooks/release-check.mjs';
import { mintToken } from '../../hooks/signing.mjs';
import { sendTraffic } from '../../hooks/traffic.mjs';
import { AwsStandIn, serve } from '../support/stand-ins.ts';
import { INFRA } from '../support/synth.ts';

const MAIN = join(INFRA, '..', 'dist', 'main.js');
const JWT_SECRET = 'for-this-test-only-for-this-test-only';
const RECEIVER_KEY = 'k'.repeat(43);
const EVENT = { DeploymentId: 'd-REAL', LifecycleEventHookExecutionId: 'execution-1' };

/** The functions against Posthorn itself, on its embedded parts. */
describe('the real service', () => {
  const aws = new AwsStandIn();
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-hook-'));
  let service: ChildProcess;
  let ended: Promise<unknown>;
  let said = '';
  let receiver: Awaited<ReturnType<typeof serve>>;
  let genuine = true;

  beforeAll(async () => {
    if (!existsSync(MAIN)) throw new Error('The service is not built: npm run build in the folder above');
    const port = await freePort();
    const environment = {
      PATH: process.env.PATH,
      PORT: String(port),
      METRICS_PORT: '0',
      DATA_DIR: folder,
      JWT_SECRET,
      LOG_LEVEL: 'error',
    };
    service = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    service.stdout!.on('data', (part: Buffer) => (said += part.toString()));
    ended = new Promise((resolve) => service.once('exit', resolve));
    await listening(port, () => service.exitCode === null && said);
    await aws.start();
    receiver = await serve(async ({ headers, body }) => {
      const altered = genuine ? body : Buffer.concat([body, Buffer.from(' ')]);
      const { statusCode, body: answer } = await receive({ headers, body: altered.toString('base64'), isBase64Encoded: true });
      return { status: statusCode, body: answer };
    });
    const given = { API_URL: `http://127.0.0.1:${port}`, RECEIVER_URL: receiver.url, CHECK_NAME: 'AfterAllowTraffic' };
    Object.assign(process.env, given, { JWT_SECRET_ARN: 'arn:jwt', RECEIVER_KEY_ARN: 'arn:key' });
  });

  afterAll(async () => {
    service.kill('SIGINT');
    await ended;
    await receiver?.stop();
    await aws.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const verdict = async () => {
    aws.play({
      GetSecretValue: ({ SecretId }) => ({ SecretString: SecretId === 'arn:jwt' ? JWT_SECRET : RECEIVER_KEY }),
      PutLifecycleEventHookExecutionStatus: () => ({}),
    });
    await handler(EVENT, { getRemainingTimeInMillis: () => 75_000 });
    return aws.inputsOf('PutLifecycleEventHookExecutionStatus').map(({ status }) => status);
  };

  const traffic = () =>
    sendTraffic({
      apiUrl: process.env.API_URL!,
      receiverUrl: receiver.url,
      jwtSecret: JWT_SECRET,
      receiverKey: RECEIVER_KEY,
      rate: 10,
      // On a machine without much CPU the first answers take more than a second.
      forMs: 6_000,
    });

  it('passes the release check: accepted, delivered, signed, recorded', async () => {
    expect(await verdict()).toEqual(['Succeeded']);
  });

  it('takes synthetic traffic and delivers it, signed', async () => {
    const { delivered, ...bad } = await traffic();
    expect(delivered).toBeGreaterThan(5);
    expect(bad).toMatchObject({ failed: 0, late: 0, wrong: 0 });
  });

  it('has one application and one endpoint after several runs', async () => {
    await traffic();
    const token = mintToken(JWT_SECRET, 'org_synthetic_traffic', Math.floor(Date.now() / 1000));
    const list = async (path: string) => {
      const answer = await fetch(`${process.env.API_URL}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
      return ((await answer.json()) as { data: { uid: string }[] }).data.map(({ uid }) => uid);
    };
    expect(await list('app')).toEqual(['synthetic-traffic']);
    expect(await list('app/synthetic-traffic/endpoint')).toEqual(['receiver']);
  });

  it('fails the release check when the body was changed on its way', async () => {
    genuine = false;
    expect(await verdict()).toEqual(['Failed']);
  });

  it('is seen to deliver wrongly when the body was changed on its way', async () => {
    genuine = false;
    const { delivered, wrong } = await traffic();
    expect(delivered).toBe(0);
    expect(wrong).toBeGreaterThan(0);
  });
});

/** Waits for the service, as long as it runs: `runs` answers what it said so far, false once it ended. */
async function listening(port: number, runs: () => string | false): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (
      await fetch(`http://127.0.0.1:${port}/health/live`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    if (runs() === false || Date.now() > deadline) throw new Error(`the service is not there: ${runs()}`);
    await sleep(100);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
