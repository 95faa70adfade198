import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TaskConsumer } from '../../src/queue/task-consumer.js';
import { UNTRACED } from '../../src/observability/tracing.js';
import { until } from '../support/until.js';
import { ConsumerRig } from './consumer-rig.js';
import { keptLog } from './embedded.js';
import { Source } from './source.js';

const WAIT_MS = 60_000;
const TASKS = 300;

describe('two releases that receive from one queue', () => {
  let rig: ConsumerRig;
  let other: TaskConsumer;

  beforeEach(async () => {
    rig = await ConsumerRig.start();
    other = new TaskConsumer(rig.queue, keptLog().log, UNTRACED);
  });
  afterEach(async () => {
    await other.stop({ abort: true });
    await rig.stop();
  });

  it('get the tasks of a quiet queue in proportion to their part of the time', async () => {
    const [blue, green] = [new Source(1_000), new Source(1_000)];
    blue.pace = 0.9;
    green.pace = 0.1;
    rig.consumer.start(blue);
    other.start(green);
    for (let sent = 0; sent < TASKS; sent++) {
      await rig.sendTasks([String(sent)]);
      await until(() => blue.handled.length + green.handled.length > sent, WAIT_MS, 'each task');
    }
    expect(green.handled.length / TASKS).toBeLessThan(0.3);
  });

  it('wait no longer once one of them may receive all the time', async () => {
    const source = new Source(1_000);
    source.pace = 0.05;
    rig.consumer.start(source);
    await until(() => rig.receives.length > 0, WAIT_MS, 'a receive');
    source.pace = 1;
    await until(() => rig.receives.at(-1)?.WaitTimeSeconds === 20, WAIT_MS, 'a receive with the whole wait');
  });
});

it('a receive waits a second for a message while the process may receive for a part of the time', async () => {
  const rig = await ConsumerRig.start();
  try {
    const source = new Source(1_000);
    source.pace = 0.5;
    rig.consumer.start(source);
    await until(() => rig.receives.length > 0, WAIT_MS, 'a receive');
    expect(rig.receives[0]).toMatchObject({ WaitTimeSeconds: 1 });
  } finally {
    await rig.stop();
  }
});
