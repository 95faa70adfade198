import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stage } from '../stage.js';
import type { Scenario } from './scenario.js';

/** Above the deregistration delay, so that SIGTERM finds deliveries under way, and below the 15 s that the service waits for an answer. */
const ANSWER_MS = 12_000;
const EVERY_MS = 300;
/** Since the shift, by AWS's clock: then green's deliveries are under way in each of its tasks, and the wait before the end of blue goes on. */
const SHIFTED_MS = 20_000;
const LIMIT_MS = 10_000;

/** Releases whose customers take long to answer: tasks are stopped in the middle of deliveries. */
export const SLOW_CUSTOMERS: readonly Scenario[] = [
  {
    name: 'slow-customers',
    title: 'A customer takes long to answer its deliveries, and the release is taken back after the shift',
    hasShortCanary: true,
    end: { status: 'Stopped', serves: 'before', rolledBack: true, because: /^MANUAL_STOP/ },
    play: async ({ stage, deploy, finished, phase }) => {
      const stop = await sendSlowly(stage);
      const id = deploy();
      await phase('TerminationWait');
      await new Promise((over) => setTimeout(over, stage.clock.seconds(SHIFTED_MS)));
      stage.deployments.stop(id, true);
      const record = await finished(id);
      stop();
      return record;
    },
    also: ({ journal }) => {
      const [begun, cut] = ['begun', 'cut'].map((event) => journal.of(`delivery ${event}`).length);
      const late = answeredLate(journal);
      return [
        { text: 'no delivery was cut', holds: begun! > 0 && cut === 0, detail: `${cut} of ${begun}` },
        { text: 'deliveries were under way when their task was told to stop', holds: late > 0 || cut! > 0, detail: `${late}` },
      ];
    },
  },
];

/** How many deliveries of a task ended well after SIGTERM. */
function answeredLate(journal: Stage['journal']): number {
  const addresses = new Map(journal.of('PROVISIONING').map(({ subject, facts }) => [subject, facts['address']]));
  const stopping = new Map(journal.of('STOPPING').map(({ subject, at }) => [addresses.get(subject), at]));
  return journal.of('delivery answered').filter(({ at, facts }) => at > (stopping.get(facts['from']) ?? Number.POSITIVE_INFINITY))
    .length;
}

/** Sends a message every now and then to an endpoint that takes long to answer. Answers what ends that. */
async function sendSlowly({ loadBalancer, token, journal }: Stage): Promise<() => void> {
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${loadBalancer.production.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return (await answer.json()) as { id: string };
  };
  const { id } = await post('/app', { name: 'slow customer' });
  await post(`/app/${id}/endpoint`, { url: await slowReceiver(journal) });
  const send = () => post(`/app/${id}/msg`, { eventType: 'order.paid', payload: {} });
  // What is wrong with these requests is wrong with those of the load too, which are judged.
  const timer = setInterval(() => void send().catch(() => {}), EVERY_MS);
  return () => clearInterval(timer);
}

/** Resolves with its URL. It notes each delivery that begins, and each whose connection ends before it has answered. */
async function slowReceiver(journal: Stage['journal']): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    const from = request.socket.remoteAddress ?? '';
    journal.note('load', 'slow customer', 'delivery begun', { from });
    const timer = setTimeout(() => response.writeHead(200).end(), ANSWER_MS);
    response.once('close', () => {
      clearTimeout(timer);
      journal.note('load', 'slow customer', response.writableEnded ? 'delivery answered' : 'delivery cut', { from });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
