// The SQS emulator as a process of its own: node sqs-emulator.mjs <port> <file>.
// It keeps messages in memory only, so that a restart loses them; the queues themselves come back out of the file.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { buildApp } from 'fauxqs';

const [port, file] = process.argv.slice(2);
const headers = { 'content-type': 'application/x-amz-json-1.0' };
const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
const kept = [...before];

const emulator = buildApp({ logger: false });
emulator.addHook('preHandler', async (request) => {
  const target = request.headers['x-amz-target'];
  if (!/\.(CreateQueue|SetQueueAttributes)$/.test(target ?? '')) return;
  const call = { target, body: request.body };
  if (kept.some((known) => JSON.stringify(known) === JSON.stringify(call))) return;
  kept.push(call);
  writeFileSync(file, JSON.stringify(kept));
});
await emulator.ready();
for (const { target, body } of before) {
  await emulator.inject({
    method: 'POST',
    url: '/',
    headers: { ...headers, host: `127.0.0.1:${port}`, 'x-amz-target': target },
    payload: body,
  });
}
process.once('SIGTERM', () => process.exit(0));
await emulator.listen({ port: Number(port), host: '127.0.0.1' });
