import { describe, expect, it } from '@jest/globals';
import { LIFECYCLE_EVENTS } from '../../rehearsal/codedeploy/record.js';
import { configNameOf, stepsOf } from '../../rehearsal/codedeploy/shift.js';
import { until } from '../support/until.js';
import { BLUE, definitionOf, GREEN, stageOf } from './codedeploy-stage.js';

/** So long that a wait only ends because of what the test does. */
const ENDLESS_MINUTE = 60_000;
const ALL_AT_ONCE = { shift: { kind: 'all-at-once' }, terminationWaitMs: 0 } as const;

describe('a deployment', () => {
  it('runs the lifecycle events in the documented order', async () => {
    const { deployments, journal } = stageOf(ALL_AT_ONCE);
    await deployments.finished(deployments.start(definitionOf(2)));
    expect(journal.factsOf('phase.begin').map(({ phase }) => phase)).toEqual([...LIFECYCLE_EVENTS, 'TerminationWait']);
    expect(journal.factsOf('phase.end').every(({ status }) => status === 'Succeeded')).toBe(true);
  });

  it('ends with green as the primary task set, all traffic on it, and blue gone', async () => {
    const { deployments, service, production } = stageOf(ALL_AT_ONCE);
    const { status, error, events } = await deployments.finished(deployments.start(definitionOf(2)));
    await deployments.settled();
    expect([status, error]).toEqual(['Succeeded', null]);
    expect(new Set(Object.values(events))).toEqual(new Set(['Succeeded']));
    expect(service.taskSets()).toMatchObject([{ status: 'PRIMARY', taskDefinition: definitionOf(2).arn, targetGroupArn: GREEN }]);
    expect([...production.weights]).toEqual([
      [BLUE, 0],
      [GREEN, 100],
    ]);
  });

  it('puts green into the production listener before its tasks start, with weight 0', async () => {
    const { deployments, service, production } = stageOf(ALL_AT_ONCE);
    service.steady = false;
    const id = deployments.start(definitionOf(2));
    await until(() => service.sets.length === 2, 5_000, 'green');
    expect(production.shifts).toEqual([{ blue: 100, green: 0 }]);
    deployments.stop(id);
    await deployments.finished(id);
  });

  it('has succeeded while blue is still draining', async () => {
    const { deployments, service } = stageOf(ALL_AT_ONCE);
    const gate = Promise.withResolvers<void>();
    service.drained = gate.promise;
    await deployments.finished(deployments.start(definitionOf(2)));
    expect(service.taskSets().map(({ status }) => status)).toEqual(['DRAINING', 'PRIMARY']);
    gate.resolve();
    await deployments.settled();
    expect(service.taskSets()).toHaveLength(1);
  });

  it('keeps blue for the termination wait, without traffic, as ACTIVE', async () => {
    const { deployments, service } = stageOf({ shift: { kind: 'all-at-once' } }, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => deployments.get(id).terminationWaitStarted, 5_000, 'the wait');
    expect(deployments.get(id).status).toBe('InProgress');
    expect(service.taskSets().map(({ status }) => status)).toEqual(['ACTIVE', 'PRIMARY']);
    deployments.continue(id, 'TERMINATION_WAIT');
    expect((await deployments.finished(id)).status).toBe('Succeeded');
  });

  it('brings the next version into the group that is free then', async () => {
    const { deployments, service, production, test } = stageOf(ALL_AT_ONCE);
    await deployments.finished(deployments.start(definitionOf(2)));
    await deployments.settled();
    await deployments.finished(deployments.start(definitionOf(3)));
    await deployments.settled();
    expect(service.taskSets()).toMatchObject([{ taskDefinition: definitionOf(3).arn, targetGroupArn: BLUE }]);
    expect([production, test].map(({ weights }) => weights.get(BLUE))).toEqual([100, 100]);
  });

  it('is refused while another is under way', async () => {
    const { deployments } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    expect(() => deployments.start(definitionOf(3))).toThrow(`'posthorn' already has an active Deployment '${id}'`);
    deployments.stop(id);
    await deployments.finished(id);
    const next = deployments.start(definitionOf(3));
    expect(next).toMatch(/^d-[A-Z0-9]{9}$/);
    deployments.stop(next);
    await deployments.finished(next);
  });

  it('fails if the service has no primary task set', async () => {
    const { deployments, service } = stageOf();
    service.sets = [];
    const { status, error } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, error?.code]).toEqual(['Failed', 'INVALID_ECS_SERVICE']);
  });

  it('fails, and is rolled back, if green is not steady within 60 minutes', async () => {
    const { deployments, service } = stageOf({}, 1);
    service.steady = false;
    const { status, error, rollback, events } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, error?.code, events.Install, events.AfterInstall]).toEqual(['Failed', 'TIMEOUT', 'Failed', 'Skipped']);
    expect(rollback?.rollbackDeploymentId).toBeDefined();
  });

  it('takes away what a deployment without rollback left behind', async () => {
    const { deployments, service } = stageOf(ALL_AT_ONCE);
    service.steady = false;
    const id = deployments.start(definitionOf(2));
    await until(() => service.sets.length === 2, 5_000, 'green');
    deployments.stop(id, false);
    await deployments.finished(id);
    service.steady = true;
    await deployments.finished(deployments.start(definitionOf(3)));
    await deployments.settled();
    expect(service.taskSets()).toMatchObject([{ taskDefinition: definitionOf(3).arn }]);
  });
});

describe('traffic', () => {
  it.each([
    [{ kind: 'all-at-once' } as const, [[100, 0]]],
    [
      { kind: 'canary', percent: 10, waitMs: 300_000 } as const,
      [
        [10, 300_000],
        [100, 0],
      ],
    ],
    [
      { kind: 'linear', percent: 30, everyMs: 60_000 } as const,
      [
        [30, 60_000],
        [60, 60_000],
        [90, 60_000],
        [100, 0],
      ],
    ],
  ])('moves in steps: %j', (shift, steps) => {
    expect(stepsOf(shift).map(({ percent, waitMs }) => [percent, waitMs])).toEqual(steps);
  });

  it.each([
    [{ kind: 'canary', percent: 10, waitMs: 300_000 } as const, 'CodeDeployDefault.ECSCanary10Percent5Minutes'],
    [{ kind: 'canary', percent: 10, waitMs: 120_000 } as const, 'Custom.ECSCanary10Percent2Minutes'],
  ])('of %j is called by a name of AWS only if AWS has it', (shift, name) => {
    expect(configNameOf(shift)).toBe(name);
  });

  it('of production moves by the canary, and the test listener before it at once', async () => {
    const { deployments, production, test, journal } = stageOf();
    await deployments.finished(deployments.start(definitionOf(2)));
    expect(production.shifts).toEqual([
      { blue: 100, green: 0 },
      { blue: 90, green: 10 },
      { blue: 0, green: 100 },
    ]);
    expect(test.shifts).toEqual([{ blue: 0, green: 100 }]);
    const order = journal.factsOf('weights').map(({ listener }) => listener);
    expect(order).toEqual(['production', 'test', 'production', 'production']);
  });

  it('stays at the canary for its five minutes', async () => {
    const { deployments, journal, clock } = stageOf({ terminationWaitMs: 0 }, 40);
    const times: number[] = [];
    const note = journal.note.bind(journal);
    journal.note = (source, subject, event, facts) => {
      if (event === 'weights' && facts?.listener === 'production') times.push(clock.now());
      note(source, subject, event, facts);
    };
    await deployments.finished(deployments.start(definitionOf(2)));
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(5 * 40 - 5);
  });
});

describe('a wait for traffic to be rerouted', () => {
  const waiting = { ...ALL_AT_ONCE, readyWaitMs: 3_600_000 };

  it('makes a deployment Ready, until somebody continues it', async () => {
    const { deployments, production } = stageOf(waiting, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => deployments.get(id).status === 'Ready', 5_000, 'Ready');
    expect(production.weights.get(GREEN)).toBe(0);
    deployments.continue(id, 'READY_WAIT');
    expect((await deployments.finished(id)).status).toBe('Succeeded');
  });

  it('stops the deployment if nobody does', async () => {
    const { deployments } = stageOf(waiting, 1);
    const { status, rollback } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, rollback?.rollbackDeploymentId]).toEqual(['Stopped', expect.any(String)]);
  });

  it('is not what a deployment without it is continued from', async () => {
    const { deployments } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    expect(() => deployments.continue(id, 'READY_WAIT')).toThrow(
      expect.objectContaining({ code: 'DeploymentIsNotInReadyStateException' }),
    );
    deployments.stop(id);
    await deployments.finished(id);
  });
});
