import { describe, expect, it } from '@jest/globals';
import { TargetGroup, type Member } from '../../rehearsal/alb/target-group.js';
import type { Outcome } from '../../rehearsal/alb/target-states.js';
import type { Target, TargetGroupSettings } from '../../rehearsal/model.js';
import { clockOf, groupSettings, Notes } from './alb-parts.js';

const NOBODY = new Set<string>();
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((number) => ({ id: `127.0.0.${number}`, port: 3000, zone: 'a' })) as [
  Target,
  Target,
  Target,
];

function groupOf(targets: readonly Target[], settings: Partial<TargetGroupSettings> = {}) {
  const notes = new Notes();
  const group = new TargetGroup({ settings: groupSettings('blue', settings), clock: clockOf(1_000), journal: notes });
  const members = new Map<string, Member>();
  group.watch({ joined: (member) => members.set(member.target.id, member), left: () => {} });
  for (const target of targets) group.register(target);
  const judge = (target: Target, ...outcomes: Outcome[]) => {
    for (const outcome of outcomes) group.judge(members.get(target.id)!, outcome);
  };
  const stateOf = (target: Target) => group.health().find((one) => one.target === target);
  return { group, notes, members, judge, stateOf };
}

describe('the state of a target', () => {
  it('is initial after the registration', () => {
    const { group } = groupOf([FIRST]);
    expect(group.health()).toEqual([{ target: FIRST, state: 'initial', reason: 'Elb.RegistrationInProgress' }]);
  });

  it('is healthy after the first success, whatever the threshold', () => {
    const { judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, 'failed', 'passed');
    expect(stateOf(FIRST)).toMatchObject({ state: 'healthy', reason: null });
  });

  it('stays initial while it has not failed often enough', () => {
    const { judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, 'failed', 'failed');
    expect(stateOf(FIRST)).toMatchObject({ state: 'initial', reason: 'Elb.InitialHealthChecking' });
  });

  it.each<[Outcome, string]>([
    ['timeout', 'Target.Timeout'],
    ['mismatch', 'Target.ResponseCodeMismatch'],
    ['failed', 'Target.FailedHealthChecks'],
  ])('is unhealthy after as many failures as the threshold: %s', (outcome, reason) => {
    const { judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, outcome, outcome, outcome);
    expect(stateOf(FIRST)).toMatchObject({ state: 'unhealthy', reason });
  });

  it('stays healthy if a success is between the failures', () => {
    const { judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, 'passed', 'failed', 'failed', 'passed', 'failed', 'failed');
    expect(stateOf(FIRST)).toMatchObject({ state: 'healthy', reason: null });
  });

  it('is healthy again after as many successes in a row as the threshold', () => {
    const { judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, 'failed', 'failed', 'failed', 'passed', 'failed', 'passed');
    expect(stateOf(FIRST)?.state).toBe('unhealthy');
    judge(FIRST, 'passed');
    expect(stateOf(FIRST)?.state).toBe('healthy');
  });

  it('is in the journal with each change', () => {
    const { judge, notes } = groupOf([FIRST]);
    judge(FIRST, 'passed', 'timeout', 'timeout', 'timeout');
    expect(notes.entries.map(({ event, facts }) => [facts.from, event, facts.reason])).toEqual([
      ['none', 'initial', 'Elb.RegistrationInProgress'],
      ['initial', 'healthy', null],
      ['healthy', 'unhealthy', 'Target.Timeout'],
    ]);
  });
});

describe('deregistration', () => {
  it('drains until the delay is over, though nothing is under way', async () => {
    const { group, members, stateOf } = groupOf([FIRST]);
    const done = group.deregister(FIRST);
    expect(stateOf(FIRST)).toMatchObject({ state: 'draining', reason: 'Target.DeregistrationInProgress' });
    expect(members.get(FIRST.id)?.gone.aborted).toBe(false);
    await done;
    expect(group.health()).toEqual([]);
    expect(members.get(FIRST.id)?.standing).toMatchObject({ state: 'unused', reason: 'Target.NotRegistered' });
    expect(members.get(FIRST.id)?.gone.aborted).toBe(true);
  });

  it('sends no new requests', () => {
    const { group } = groupOf([FIRST, SECOND]);
    void group.deregister(FIRST);
    const chosen = [1, 2, 3].map(() => group.choose(NOBODY)?.target);
    expect(chosen).toEqual([SECOND, SECOND, SECOND]);
  });

  it('waits for the same end if it is asked for twice', async () => {
    const { group, notes } = groupOf([FIRST]);
    await Promise.all([group.deregister(FIRST), group.deregister(FIRST)]);
    expect(notes.entries.filter(({ event }) => event === 'draining')).toHaveLength(1);
  });

  it('is nothing for a target that is not registered', async () => {
    const { group, notes } = groupOf([]);
    await group.deregister(FIRST);
    expect(notes.entries).toEqual([]);
  });

  it('can be followed by another registration, which begins anew', async () => {
    const { group, judge, stateOf } = groupOf([FIRST]);
    judge(FIRST, 'passed');
    const done = group.deregister(FIRST);
    group.register(FIRST);
    expect(group.health()).toHaveLength(1);
    await done;
    expect(stateOf(FIRST)?.state).toBe('initial');
  });

  it('notes when the last request is over', () => {
    const { group, notes, members } = groupOf([FIRST]);
    const member = members.get(FIRST.id)!;
    group.began(member);
    void group.deregister(FIRST);
    expect(notes.entries.at(-1)).toMatchObject({ event: 'draining', facts: { underWay: 1 } });
    group.ended(member);
    expect(notes.entries.at(-1)?.event).toBe('drained');
  });
});

describe('the choice of a target', () => {
  it('is in turn by round robin', () => {
    const { group, judge } = groupOf([FIRST, SECOND]);
    judge(FIRST, 'passed');
    judge(SECOND, 'passed');
    const chosen = [1, 2, 3, 4].map(() => group.choose(NOBODY)?.target);
    expect(chosen).toEqual([FIRST, SECOND, FIRST, SECOND]);
  });

  it('is the one with the fewest requests by least outstanding requests', () => {
    const { group, members } = groupOf([FIRST, SECOND, THIRD], { algorithm: 'least_outstanding_requests' });
    for (const target of [FIRST, FIRST, SECOND, THIRD, THIRD]) group.began(members.get(target.id)!);
    expect([1, 2, 3].map(() => group.choose(NOBODY)?.target)).toEqual([SECOND, SECOND, SECOND]);
  });

  it('goes round among those that have equally few', () => {
    const { group } = groupOf([FIRST, SECOND], { algorithm: 'least_outstanding_requests' });
    expect([1, 2, 3].map(() => group.choose(NOBODY)?.target)).toEqual([FIRST, SECOND, FIRST]);
  });

  it('is a healthy one if there is any', () => {
    const { group, judge } = groupOf([FIRST, SECOND, THIRD]);
    judge(SECOND, 'passed');
    judge(THIRD, 'failed', 'failed', 'failed');
    expect([1, 2, 3].map(() => group.choose(NOBODY)?.target)).toEqual([SECOND, SECOND, SECOND]);
  });

  it('is any registered one if none is healthy', () => {
    const { group, judge } = groupOf([FIRST, SECOND]);
    judge(FIRST, 'failed', 'failed', 'failed');
    expect([1, 2].map(() => group.choose(NOBODY)?.target)).toEqual([FIRST, SECOND]);
  });

  it('is none if all are draining', () => {
    const { group } = groupOf([FIRST]);
    void group.deregister(FIRST);
    expect(group.choose(NOBODY)).toBeNull();
  });

  it('is none that is excluded', () => {
    const { group } = groupOf([FIRST, SECOND]);
    expect(group.choose(new Set(['127.0.0.1:3000']))?.target).toBe(SECOND);
    expect(group.choose(new Set(['127.0.0.1:3000', '127.0.0.2:3000']))).toBeNull();
  });
});
