import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Log } from '../../../src/observability/log.js';
import { Metrics } from '../../../src/observability/metrics.js';
import { Admission } from '../../../src/ingest/admission.js';
import { FIRST_RATE, limitOf, MIN_IN_FLIGHT } from '../../../src/ingest/admission-rule.js';
import { Overloaded } from '../../../src/ingest/ingest-errors.js';
import { until } from '../../support/until.js';

const LIMIT = limitOf(FIRST_RATE);

/** Keeps the event loop from turning. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('a turn of the event loop in which each request is carried out as soon as it is read', () => {
  let admission: Admission;
  beforeEach(() => {
    admission = new Admission(new Metrics(), new Log(pino({ level: 'silent' })));
    admission.onApplicationBootstrap();
  });
  afterEach(() => admission.onApplicationShutdown());

  const one = (orgId: string) => admission.run(orgId, 1, 0, () => Promise.resolve('done'));
  const accepted = async (orgId: string, requests: number) => {
    let count = 0;
    for (let n = 0; n < requests; n++)
      await one(orgId).then(
        () => count++,
        (error: unknown) => expect(error).toBeInstanceOf(Overloaded),
      );
    return count;
  };

  it('takes no more than fits in what is promised, although nothing is in flight, and goes on after it', async () => {
    expect(await accepted('loud', 2 * LIMIT)).toBe(LIMIT);
    expect(admission.refuses('loud')).toBe(true);
    expect(admission.inFlight).toBe(0);
    expect(admission.shed).toEqual({ queue: LIMIT + 1, deliveries: 0 });

    await until(() => !admission.refuses('loud'), 1_000, 'the next turn');
    await one('loud');
  });

  it('takes nothing more once it lasts longer than what is promised, beyond what always fits', async () => {
    const takesLong = () => admission.run('loud', 1, 0, () => Promise.resolve(busyFor(600)));
    await takesLong();
    expect(await accepted('loud', MIN_IN_FLIGHT + 10)).toBe(MIN_IN_FLIGHT - 1);
    expect(await accepted('quiet', 10)).toBe(10);

    await until(() => !admission.refuses('loud'), 1_000, 'the next turn');
  });

  it('leaves its part to another organisation', async () => {
    await accepted('loud', 2 * LIMIT);
    expect(await accepted('quiet', MIN_IN_FLIGHT)).toBe(MIN_IN_FLIGHT);
  });
});

describe('a client that waits for each answer', () => {
  it('is never refused, however fast its batches are carried out', async () => {
    const admission = new Admission(new Metrics(), new Log(pino({ level: 'silent' })));
    const answeredAtOnce = () => new Promise<void>((done) => setImmediate(done));
    for (let batch = 0; batch < 50; batch++) await admission.run('quick', LIMIT / 5, 0, answeredAtOnce);

    expect(admission.shed).toEqual({ queue: 0, deliveries: 0 });
  });
});

describe('requests for which something is read before their work begins', () => {
  it('are as many as fit in what is promised, and others have their part', () => {
    const admission = new Admission(new Metrics(), new Log(pino({ level: 'silent' })));
    const answered = Array.from({ length: LIMIT }, () => admission.letIn('loud'));
    expect(admission.refuses('loud')).toBe(true);
    expect(admission.refuses('quiet')).toBe(false);

    answered[0]!();
    expect(admission.refuses('loud')).toBe(false);
  });
});
