import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Permits } from '../../src/delivery/permits.js';
import { TaskHandler } from '../../src/delivery/task-handler.js';
import { startApp, type TestApp } from '../support/app.js';
import { aMessage, anApplication, anEndpoint } from '../support/factories.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { until } from '../support/until.js';

let app: TestApp;
let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
  app = await startApp();
});
afterEach(async () => {
  await app?.stop();
  await receiver?.stop();
});

// A call to SQS whose answer is lost is sent again, so a task may be received twice at the same time.
it('a task that comes twice in one receive takes no permit for ever', async () => {
  const { id: appId } = await anApplication(app);
  const { id: endpointId } = await anEndpoint(app, appId, { url: receiver.url });
  const { id: msgId } = await aMessage(app, appId);
  await receiver.got(1);
  const permits = app.nest.get(Permits, { strict: false });
  await until(() => permits.inUse === 0, 10_000, 'the delivery to end');

  const task = { appId, deliveries: [{ msgId, endpointId, run: 0, fence: 1 }] };
  await app.nest.get(TaskHandler, { strict: false }).handle([task, task]);

  await until(() => permits.inUse === 0, 5_000, 'every permit to be given back');
  expect(receiver.received).toHaveLength(1);
});
