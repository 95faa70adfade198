import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Log } from '../../../src/observability/log.js';
import { Metrics } from '../../../src/observability/metrics.js';
import { Admission } from '../../../src/ingest/admission.js';
import { ALONE_WEIGHT, FIRST_RATE, limitOf, MIN_IN_FLIGHT } from '../../../src/ingest/admission-rule.js';
import { nextTurn } from '../../../src/async/steps.js';
import { Overloaded } from '../../../src/ingest/ingest-errors.js';

const LIMIT = limitOf(FIRST_RATE);

/** Keeps the event loop from turning. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('requests that are carried out as soon as they are read', () => {
  const newAdmission = () => new Admission(new Metrics(), new Log(pino({ level: 'silent' })));
  /** All at once: how many were accepted. */
  const accepted = async (admission: Admission, orgId: string, requests: number) => {
    const all = Array.from({ length: requests }, () => admission.run(orgId, 1, 0, () => Promise.resolve()));
    const results = await Promise.allSettled(all);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Overloaded);
    return results.filter(({ status }) => status === 'fulfilled').length;
  };

  it('are no more at a time than fit in what is promised', async () => {
    const admission = newAdmission();
    expect(await accepted(admission, 'loud', 2 * LIMIT)).toBe(LIMIT);
    expect(admission.inFlight).toBe(0);
    expect(admission.shed).toEqual({ queue: LIMIT, deliveries: 0 });
  });

  it('leave their part to another organisation', async () => {
    const admission = newAdmission();
    const [, quiet] = await Promise.all([accepted(admission, 'loud', 2 * LIMIT), accepted(admission, 'quiet', MIN_IN_FLIGHT)]);
    expect(quiet).toBe(MIN_IN_FLIGHT);
  });

  it('leave the event loop its turns, in which what comes can be refused', async () => {
    const admission = newAdmission();
    let isOver = false;
    const takesLong = () => admission.run('loud', 1, 0, () => Promise.resolve(busyFor(10)));
    const all = Promise.all(Array.from({ length: 20 }, takesLong)).then(() => (isOver = true));
    let turns = 0;
    for (; !isOver; turns++) await nextTurn();
    await all;
    expect(turns).toBeGreaterThan(3);
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
    const answered = Array.from({ length: LIMIT }, () => admission.letIn('loud', 1));
    expect(admission.refuses('loud', 1)).toBe(true);
    expect(admission.refuses('quiet', 1)).toBe(false);

    answered[0]!();
    expect(admission.refuses('loud', 1)).toBe(false);
  });

  it('are fewer if each is carried out by itself, so that a slow process does not take seconds for them', () => {
    const admission = new Admission(new Metrics(), new Log(pino({ level: 'silent' })));
    let resends = 0;
    for (; !admission.refuses('loud', ALONE_WEIGHT); resends++) admission.letIn('loud', ALONE_WEIGHT);
    expect(resends).toBe(Math.floor(LIMIT / ALONE_WEIGHT));
  });
});
