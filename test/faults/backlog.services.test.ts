import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anApplication, anEndpoint } from '../support/factories.js';
import { until } from '../support/until.js';
import { startCustomer, type Customer } from './customer.js';
import { anInstallation, type Installation } from './installation.js';
import { sendMessages, type Load } from './load.js';
import { tapSqs, type SqsTap } from './sqs-tap.js';

const MEGABYTE = 1024 * 1024;

/** Resident memory of a process, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

describe.each([
  ['of tasks in the queue', 20_000, false],
  ['that is due, so that queue and scanner compete for it', 5_000, true],
])('a backlog %s', (_, messages, isDue) => {
  let installation: Installation;
  let customer: Customer;
  let tap: SqsTap;
  let load: Load;
  const memory: number[] = [];

  beforeAll(async () => {
    customer = await startCustomer();
    installation = await anInstallation({ LOG_LEVEL: 'error' });
    tap = await tapSqs(installation.env['AWS_ENDPOINT_URL_SQS']!);
    const tapped = { AWS_ENDPOINT_URL_SQS: tap.url };
    const api = await installation.start({ role: 'api' }, tapped);
    const { id: appId } = await anApplication(api);
    await anEndpoint(api, appId, { url: customer.url });

    const startedAt = performance.now();
    load = await sendMessages(api, { appId, count: messages, concurrency: 64 });
    const acceptedAt = performance.now();
    await api.stop();
    if (isDue) await installation.sql('UPDATE delivery SET due_at = UTC_TIMESTAMP(3)');
    const worker = await installation.start({ role: 'worker' }, tapped);
    const sampling = setInterval(() => void memoryOf(worker.pid).then((bytes) => memory.push(bytes)), 250);
    await customer.got(messages, 150_000).finally(() => clearInterval(sampling));
    const open = () => installation.sql('SELECT COUNT(*) AS deliveries FROM delivery WHERE state < 2');
    await until(async () => (await open())[0]!['deliveries'] === 0, 30_000, 'every delivery to be settled');
    const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
    process.stderr.write(
      `${load.accepted.size} messages accepted in ${seconds(startedAt, acceptedAt)} s, delivered in ${seconds(acceptedAt, performance.now())} s; ` +
        `${tap.entriesOf('SendMessageBatch')} tasks in ${tap.calls.length} SQS calls; ` +
        `memory ${Math.round(memory[0]! / MEGABYTE)} to ${Math.round(Math.max(...memory) / MEGABYTE)} MB\n`,
    );
  });
  afterAll(async () => {
    await installation?.remove();
    await customer?.stop();
    await tap?.stop();
  });

  it('is delivered completely, each message once and byte for byte', async () => {
    expect({ accepted: load.accepted.size, refused: load.refused, unanswered: load.unanswered }).toEqual({
      accepted: messages,
      refused: [],
      unanswered: 0,
    });
    await customer.tookAll(load.accepted, 1_000);
    expect(customer.takenTwice()).toEqual([]);
  });

  it('needs one attempt and one claim for each delivery', async () => {
    expect(await installation.sql('SELECT COUNT(*) AS attempts, COUNT(DISTINCT msg_id) AS messages FROM attempt')).toEqual([
      { attempts: messages, messages },
    ]);
    expect(await installation.sql('SELECT COUNT(*) AS lost FROM delivery WHERE fence <> 1')).toEqual([{ lost: 0 }]);
    expect(customer.received).toHaveLength(messages);
  });

  it('does not grow in the queue: the worker sends no task, and there is about one task for each delivery at most', () => {
    expect(tap.entriesOf('SendMessageBatch') + tap.entriesOf('SendMessage')).toBeLessThanOrEqual(1.05 * messages);
  });

  it('does not fill the memory of the worker', () => {
    const [half, whole] = [memory.slice(0, memory.length / 2), memory];
    expect(Math.max(...whole)).toBeLessThan(600 * MEGABYTE);
    expect(Math.max(...whole) - Math.max(...half)).toBeLessThan(150 * MEGABYTE);
  });
});
