import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { TaskWork } from '../../../src/background/task-work.js';
import { Admission } from '../../../src/ingest/admission.js';
import { Log } from '../../../src/observability/log.js';
import { Metrics } from '../../../src/observability/metrics.js';

const TOOK_MS = 10;
const log = new Log(pino({ level: 'silent' }));

function workBeside(admission: Admission): TaskWork {
  return new TaskWork([], {} as never, {} as never, log, admission);
}

it('leaves the event loop a turn between two tasks', async () => {
  const order: string[] = [];
  setImmediate(() => order.push('what waited'));
  await workBeside(new Admission(new Metrics(), log)).rest(TOOK_MS);
  expect([...order, 'the next task']).toEqual(['what waited', 'the next task']);
});

it('leaves nine tenths of the time to requests while some are refused', async () => {
  const admission = new Admission(new Metrics(), log);
  while (!admission.refuses('loud', 1)) admission.letIn('loud', 1);
  const beganAt = performance.now();
  await workBeside(admission).rest(TOOK_MS);
  // A timer may be a millisecond early.
  expect(performance.now() - beganAt).toBeGreaterThanOrEqual(9 * TOOK_MS - 1);
});
