import { describe, expect, it } from '@jest/globals';
import { newRecord } from '../../rehearsal/codedeploy/record.js';
import { busyShare, judge, type Seen } from '../../rehearsal/oracle.js';
import { blurredBy } from '../../rehearsal/result.js';
import type { ColourSample, Sample } from '../../rehearsal/samples.js';

const GOOD = { status: 'Succeeded', serves: 'now', rolledBack: false } as const;

const aTry = (at: number, ms = 5, outcome = '202', hasRetryAfter = false) => ({ at, ms, outcome, hasRetryAfter });
const quick = Array.from({ length: 1_000 }, (_, at) => aTry(at));

function colour(weight: number, deliveries: number): ColourSample {
  return { weight, deliveries, requests: 0, answers: {}, refused: {}, connectionErrors: 0, p50Ms: 0, p99Ms: 0, targets: {} };
}

/** Seconds in which green had this weight of a hundred, and delivered this many of a hundred. */
function seconds(count: number, weight: number, deliveries: number): Sample[] {
  const load = { tries: 100, failures: {}, p99Ms: 5, deliveries: [] };
  const colours = (): Sample['colours'] => [colour(100 - weight, 100 - deliveries), colour(weight, deliveries)];
  return Array.from({ length: count }, (_, at) => ({ at, colours: colours(), queueShare: deliveries / 100, idle: 0.5, load }));
}

function withColour(sample: Sample, nth: 0 | 1, changes: Partial<ColourSample>): Sample {
  const colours = sample.colours.map((one, at) => (at === nth ? { ...one, ...changes } : one)) as Sample['colours'];
  return { ...sample, colours };
}

function seen(changes: Partial<Seen> = {}, tries = quick): Seen {
  const record = newRecord({ creator: 'user', configName: '', taskDefinition: '' });
  record.status = 'Succeeded';
  const counted = { sent: tries.length, accepted: tries.length, missing: 0, duplicates: [], refused: 0, connects: 1, tries };
  const samples = [...seconds(20, 0, 0), ...seconds(60, 10, 11), ...seconds(20, 100, 100)];
  return {
    counted,
    before: quick,
    windows: [],
    samples,
    kills: false,
    began: 0,
    zero: 0,
    starts: [],
    judgesTimes: true,
    record,
    serves: 'now',
    rolledBack: false,
    ...changes,
  };
}

const violated = (given: Seen) =>
  judge(GOOD, given)
    .filter(({ holds }) => !holds)
    .map(({ text }) => text);
const counting = (changes: Partial<Seen['counted']>) => seen({ counted: { ...seen().counted, ...changes } });

describe('the oracle of a rehearsal', () => {
  it('finds nothing in a good release', () => {
    expect(violated(seen())).toEqual([]);
  });

  it.each([
    ['no accepted message is lost', counting({ missing: 1 })],
    ['no message came twice', counting({ duplicates: [{ number: 1, at: 0 }] })],
    ['no request failed but in a time that allows it', seen({}, [...quick, aTry(10, 5, '502')])],
    ['the deployment is Succeeded', seen({ record: { ...seen().record, status: 'Stopped' } })],
    ['the build now serves', seen({ serves: 'before' })],
    ['it was not rolled back', seen({ rolledBack: true })],
    ['p99 is at most three times its value before', seen({}, [...quick, ...Array.from({ length: 20 }, () => aTry(0, 90))])],
    ['green delivers nothing before it has traffic', seen({ samples: [...seconds(20, 0, 1), ...seconds(60, 10, 10)] })],
    ['green delivers its share in the canary', seen({ samples: [...seconds(20, 0, 0), ...seconds(60, 10, 45)] })],
    ['green delivers its share in the canary', seen({ samples: [...seconds(20, 0, 0), ...seconds(60, 10, 0)] })],
  ])('notices that it does not hold: %s', (text, given) => {
    expect(violated(given)).toEqual([text]);
  });

  const window = { from: 100, to: 200, why: 'database away', outcomes: ['503'], most: Infinity };
  it.each([
    ['a 503 with Retry-After in its window', aTry(150, 5, '503', true), []],
    ['no 503 without Retry-After', aTry(150, 5, '503'), ['no request failed but in a time that allows it']],
    ['no other failure', aTry(150, 5, '502'), ['no request failed but in a time that allows it']],
    ['no 503 after it', aTry(210, 5, '503', true), ['no request failed but in a time that allows it']],
    ['one whose answer came in the window', aTry(95, 10, '503', true), []],
  ])('excuses %s', (_name, one, expected) => {
    expect(violated(seen({ windows: [window] }, [...quick, one]))).toEqual(expected);
  });

  it('lets messages come twice where a process was killed', () => {
    expect(violated({ ...counting({ duplicates: [{ number: 1, at: 0 }] }), kills: true })).toEqual([]);
  });

  it('leaves the seconds in which a task starts out of p99', () => {
    const slow = Array.from({ length: 20 }, () => aTry(50_000, 90));
    expect(violated(seen({ starts: [45_000] }, [...quick, ...slow]))).toEqual([]);
  });

  it('leaves the seconds in which the machine had no processor free out of p99', () => {
    const slow = Array.from({ length: 20 }, () => aTry(50_000, 90));
    const samples = [...seen().samples, { ...seconds(1, 100, 100)[0]!, at: 50_500, idle: 0.05 }];
    expect(violated(seen({ samples }, [...quick, ...slow]))).toEqual([]);
  });

  const noneFree = seen().samples.map((sample) => ({ ...sample, at: 1_000, idle: 0.05 }));

  it('does not hold a longer p99 for good if the machine hardly had a processor free', () => {
    const slow = [...quick, ...Array.from({ length: 20 }, () => aTry(500, 90))];
    const verdict = judge(GOOD, seen({ samples: noneFree }, slow)).find(({ text }) => text.startsWith('p99'));
    expect(verdict).toMatchObject({ holds: false, detail: expect.stringContaining("can't be judged") });
  });

  it('holds p99 for good if it was kept although the machine hardly had a processor free', () => {
    expect(violated(seen({ samples: noneFree }))).toEqual([]);
  });

  it('counts what is excused where a window says how much', () => {
    const some = [...quick, aTry(150, 5, '503', true), aTry(160, 5, '503', true)];
    expect(violated(seen({ windows: [{ ...window, most: 2 }] }, some))).toEqual([]);
    expect(violated(seen({ windows: [{ ...window, most: 1 }] }, some))).toEqual([
      'at most 1 requests failed with: database away',
    ]);
  });

  it('notices an end for another reason', () => {
    const ended = seen();
    ended.record.error = { code: 'MANUAL_STOP', message: 'Somebody stopped it.' };
    const failed = (because: RegExp) => judge({ ...GOOD, because }, ended).filter(({ holds }) => !holds);
    expect(failed(/^MANUAL_STOP/)).toEqual([]);
    expect(failed(/^ALARM_ACTIVE/)).toMatchObject([{ detail: 'MANUAL_STOP: Somebody stopped it.' }]);
  });

  it('judges the canary of each release, whichever group comes in', () => {
    const first = seen().samples;
    expect(violated(seen({ samples: [...first, ...seconds(60, 90, 90), ...seconds(10, 0, 0)] }))).toEqual([]);
    expect(violated(seen({ samples: [...first, ...seconds(60, 90, 50), ...seconds(10, 0, 0)] }))).toEqual([
      'green delivers its share in the canary',
    ]);
  });

  it('does not take deliveries of tasks that leave for those of the ones that come into the same group', () => {
    const leaving = seconds(5, 100, 99).map((sample) => withColour(sample, 0, { targets: { draining: 1 } }));
    const coming = seconds(5, 100, 99).map((sample) => withColour(sample, 0, { targets: { initial: 1 } }));
    const release = [...seconds(20, 0, 0), ...seconds(60, 10, 10)];
    expect(violated(seen({ samples: [...release, ...leaving] }))).toEqual([]);
    const gone = seconds(1, 100, 100);
    expect(violated(seen({ samples: [...release, ...leaving, ...gone, ...coming] }))).toEqual([
      'green delivers nothing before it has traffic',
    ]);
  });

  it('notices that all requests stood still for a moment, which p99 of the whole release does not show', () => {
    const many = Array.from({ length: 20_000 }, (_, nth) => aTry(nth * 5, nth >= 4_000 && nth < 4_150 ? 900 : 5));
    expect(violated(seen({}, many))).toEqual(['in each ten seconds, 19 of 20 requests keep to that too']);
  });

  it('notices that the requests of the canary are slow at green, which p99 of all requests does not show', () => {
    const slow = seconds(60, 10, 10).map((sample) =>
      withColour(withColour(sample, 1, { requests: 20, p99Ms: 900 }), 0, { requests: 180 }),
    );
    expect(violated(seen({ samples: [...seconds(20, 0, 0), ...slow] }))).toEqual([
      'in most seconds of the canary, both colours keep to that too',
    ]);
  });

  it('does not count what was slow before the deployment', () => {
    const tries = [...Array.from({ length: 100 }, () => aTry(0, 900)), ...quick.map((one) => ({ ...one, at: one.at + 20_000 }))];
    expect(violated(seen({ began: 10_000 }, tries))).toEqual([]);
  });
});

describe('a scenario that failed is played once more', () => {
  const TRIES = [...quick.slice(1), aTry(0, 5, '502')];
  const resultOf = (given: Seen, busySeconds: number) => {
    const samples = given.samples.map((sample, nth) => ({ ...sample, idle: nth < busySeconds ? 0.05 : 0.5 }));
    return { name: '', title: '', seconds: 100, sent: 1_000, busy: busyShare(samples), verdicts: judge(GOOD, given) };
  };

  it('if no processor was free in half of the seconds', () => {
    expect(blurredBy(resultOf(seen({}, TRIES), 50), false)).not.toBeNull();
    expect(blurredBy(resultOf(seen({}, TRIES), 49), false)).toBeNull();
  });

  it('if others were played beside it, and nothing but p99 failed', () => {
    const slow = [...quick, ...Array.from({ length: 20 }, () => aTry(0, 90))];
    expect(blurredBy(resultOf(seen({}, slow), 10), true)).not.toBeNull();
    expect(blurredBy(resultOf(seen({}, slow), 10), false)).toBeNull();
    expect(blurredBy(resultOf(seen({}, [...slow, aTry(0, 5, '502')]), 10), true)).toBeNull();
  });

  it('but not if it passed', () => {
    expect(blurredBy(resultOf(seen(), 100), false)).toBeNull();
  });

  it.each([
    ['a message was lost', { missing: 1 }],
    ['a message came twice', { duplicates: [{ number: 1, at: 0 }] }],
  ])('but not if %s, whatever the machine did', (_what, changes) => {
    expect(blurredBy(resultOf(counting({ tries: TRIES, ...changes }), 100), false)).toBeNull();
  });
});
