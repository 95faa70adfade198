// Runs before npm run test:remote: says in one sentence why the tests can not run here, instead of a thousand times.
import { setTimeout as sleep } from 'node:timers/promises';
import { apiAt, type Api } from '../support/api.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { claimsFor, randomOrgId, signingSecret, signToken } from '../support/tokens.js';

const ANSWER_MS = 10_000;
const DELIVERY_MS = 20_000;
const PAUSE_MS = 200;

/** Something that is not as the tests need it. The message is all that its reader needs. */
class NotReady extends Error {}

async function check(): Promise<void> {
  const [base, secrets, host] = ['TEST_BASE_URL', 'TEST_JWT_SECRET', 'TEST_RECEIVER_HOST'].map(required) as [
    string,
    string,
    string,
  ];
  if (!URL.canParse(base))
    throw new NotReady(`TEST_BASE_URL (${base}) is no URL: give the address of the API, such as https://hooks.example.com.`);
  await answers(base);
  const token = signToken(signingSecret(secrets), claimsFor({ sub: randomOrgId() }));
  const api = apiAt(`${base}/api/v1`, token);
  const { status } = await api.get('/app');
  if (status === 401)
    throw new NotReady(`${base} refuses tokens that are signed with TEST_JWT_SECRET: give the JWT_SECRET that its tasks have.`);
  if (status !== 200)
    throw new NotReady(`${base} answers ${status} to GET /api/v1/app, and 200 was expected: look into the log of its tasks.`);
  await reachesUs(api, host);
}

function required(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new NotReady(`${name} is missing: npm run test:remote needs it (CONTRIBUTING.md, "Against a deployed environment").`);
  return value;
}

async function answers(base: string): Promise<void> {
  const problem = await problemOf(`${base}/health/ready`);
  if (problem !== null)
    throw new NotReady(
      `TEST_BASE_URL (${base}) is not ready: ${problem}. Check that this is the address of the load balancer's production listener, that its security group lets this machine in, and that its tasks are healthy.`,
    );
}

async function problemOf(url: string): Promise<string | null> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    return status === 200 ? null : `GET ${url} is answered with ${status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? `${message} (${cause.message})` : message;
  }
}

/** One message to one receiver. The first attempt decides. */
async function reachesUs(api: Api, host: string): Promise<void> {
  const receiver = await startReceiver();
  const { id } = await anApplication({ api }, { name: 'The check before the remote tests' });
  try {
    await anEndpoint({ api }, id, { url: receiver.url });
    const message = await aMessage({ api }, id);
    const problem = await problemOfDelivery(
      receiver,
      async () => (await api.get(`/app/${id}/attempt/msg/${message.id}`)).body.data,
    );
    if (problem !== null)
      throw new NotReady(
        `The service can not deliver to ${receiver.url} on this machine: ${problem}. Check that TEST_RECEIVER_HOST (${host}) is an address of this machine in the service's network, that ALLOWED_SUBNETS of the service contains it, and that this machine's security group lets the tasks in at every TCP port.`,
      );
  } finally {
    await api.delete(`/app/${id}`);
    await receiver.stop();
  }
}

async function problemOfDelivery(receiver: Receiver, attempts: () => Promise<{ response: string }[]>): Promise<string | null> {
  for (const deadline = Date.now() + DELIVERY_MS; Date.now() < deadline; await sleep(PAUSE_MS)) {
    if (receiver.received.length > 0) return null;
    const [failed] = await attempts();
    if (failed && receiver.received.length === 0) return `the first attempt failed ("${failed.response}")`;
  }
  return `nothing came in ${DELIVERY_MS / 1000} s`;
}

try {
  await check();
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error instanceof NotReady ? error.message : (error as Error).stack}\n`);
}
