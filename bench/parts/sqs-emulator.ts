// The SQS emulator, a process of its own that counts what it is asked.
import { buildApp } from 'fauxqs';
import { serve } from '../load/remote.js';

const calls: Record<string, number> = {};
const emulator = buildApp({ logger: false });
emulator.addHook('onRequest', async ({ headers }) => {
  const operation = String(headers['x-amz-target']).split('.').at(-1)!;
  calls[operation] = (calls[operation] ?? 0) + 1;
});

serve({
  listen: (port: number) => emulator.listen({ port, host: '127.0.0.1' }),
  calls: () => calls,
});
