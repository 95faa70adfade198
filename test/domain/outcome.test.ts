import { describe, expect, it } from '@jest/globals';
import { decideOutcome, type SendResult } from '../../src/domain/outcome.js';

const rules = { schedule: [5, 300], nowMs: 0, random: () => 0.5 };
const scheduled = { step: 0, manual: false };
const answer = (statusCode: number, more: Partial<SendResult> = {}): SendResult => ({
  statusCode,
  response: '',
  durationMs: 10,
  failure: null,
  retryAfter: null,
  ...more,
});
const noAnswer = (failure: SendResult['failure']) => answer(0, { failure });

describe('an attempt', () => {
  it.each(['proxy', 'local'] as const)(
    'that did not get as far as the endpoint (%s) is retried, and says nothing about it in the end',
    (failure) => {
      expect(decideOutcome(noAnswer(failure), scheduled, rules)).toMatchObject({ kind: 'retry' });
      const last = { step: rules.schedule.length, manual: false };
      expect(decideOutcome(noAnswer(failure), last, rules)).toEqual({
        kind: 'failed',
        reason: 'retries exhausted',
        notReached: true,
      });
      expect(decideOutcome(noAnswer('connection'), last, rules)).toEqual({ kind: 'failed', reason: 'retries exhausted' });
    },
  );

  it.each([200, 201, 204, 299])('is delivered with %i', (status) => {
    expect(decideOutcome(answer(status), scheduled, rules)).toEqual({ kind: 'delivered' });
    expect(decideOutcome(answer(status), { step: 9, manual: true }, rules)).toEqual({ kind: 'delivered' });
  });

  it.each([100, 199, 300, 301, 308, 400, 403, 429, 500, 503])('is tried again after %i', (status) => {
    expect(decideOutcome(answer(status), scheduled, rules)).toEqual({ kind: 'retry', delayMs: 5000 });
  });

  it.each(['blocked', 'dns', 'connection'] as const)('is tried again after a failure: %s', (failure) => {
    expect(decideOutcome(noAnswer(failure), scheduled, rules)).toEqual({ kind: 'retry', delayMs: 5000 });
  });

  it('is the last one after 410, whoever asked for it', () => {
    const gone = { kind: 'failed', reason: 'endpoint answered 410 Gone', said: 'gone' };

    expect(decideOutcome(answer(410), scheduled, rules)).toEqual(gone);
    expect(decideOutcome(answer(410), { step: 1, manual: true }, rules)).toEqual(gone);
  });

  it('is the last one if the endpoint aborts the message', () => {
    const aborted = { kind: 'failed', reason: 'aborted by the endpoint', said: 'abort' };

    expect(decideOutcome(answer(400, { abort: true }), scheduled, rules)).toEqual(aborted);
    expect(decideOutcome(answer(204, { abort: true }), scheduled, rules)).toEqual({ kind: 'delivered' });
  });

  it('waits a minute at least after a timeout', () => {
    expect(decideOutcome(noAnswer('timeout'), scheduled, rules)).toEqual({ kind: 'retry', delayMs: 60_000 });
  });

  it('follows the Retry-After of the answer', () => {
    expect(decideOutcome(answer(503, { retryAfter: '8' }), scheduled, rules)).toEqual({ kind: 'retry', delayMs: 8000 });
  });

  it('fails for good after the last step of the schedule', () => {
    expect(decideOutcome(answer(500), { step: 1, manual: false }, rules)).toEqual({ kind: 'retry', delayMs: 300_000 });
    expect(decideOutcome(answer(500), { step: 2, manual: false }, rules)).toEqual({
      kind: 'failed',
      reason: 'retries exhausted',
    });
    expect(decideOutcome(answer(500), scheduled, { ...rules, schedule: [] })).toEqual({
      kind: 'failed',
      reason: 'retries exhausted',
    });
  });

  it('that a person asked for is not repeated', () => {
    const manual = { step: 0, manual: true };
    expect(decideOutcome(answer(500), manual, rules)).toEqual({ kind: 'failed', reason: 'manual attempt failed' });
    expect(decideOutcome(noAnswer('timeout'), manual, rules)).toEqual({ kind: 'failed', reason: 'manual attempt failed' });
  });
});
