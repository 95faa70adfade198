import { describe, expect, it } from '@jest/globals';
import type { DeploymentSettings } from '../../rehearsal/model.js';
import { until } from '../support/until.js';
import { BLUE, definitionOf, GREEN, stageOf } from './codedeploy-stage.js';

/** So long that a wait only ends because of what the test does; alarms are asked every few ms all the same. */
const ENDLESS_MINUTE = 60_000;
const OFTEN = { alarmPollMs: 5 };
const ALARM = 'posthorn-release-green-5xx';

type Stage = ReturnType<typeof stageOf>;

/** Where a deployment stands for long: its settings, what makes it stand there, and how that is seen. */
const PLACES: [string, Partial<DeploymentSettings>, (stage: Stage) => void, (stage: Stage, id: string) => boolean][] = [
  ['in Install', {}, ({ service }) => (service.steady = false), ({ service }) => service.sets.length === 2],
  [
    'in a hook',
    { hooks: { AfterAllowTestTraffic: 'check' } },
    ({ functions }) => (functions.ways.check = () => new Promise(() => undefined)),
    ({ functions }) => functions.invoked.length === 1,
  ],
  ['in the ready wait', { readyWaitMs: 600_000 }, () => {}, ({ deployments }, id) => deployments.get(id).status === 'Ready'],
  ['in the canary', {}, () => {}, ({ production }) => production.weights.get(GREEN) === 10],
  [
    'in the termination wait',
    { shift: { kind: 'all-at-once' } },
    () => {},
    ({ deployments }, id) => deployments.get(id).terminationWaitStarted,
  ],
];

async function expectTakenBack({ service, production, test, deployments }: Stage, id: string) {
  const record = await deployments.finished(id);
  await deployments.settled();
  expect(record.status).toBe('Stopped');
  expect(service.taskSets()).toMatchObject([{ status: 'PRIMARY', taskDefinition: definitionOf(1).arn }]);
  expect(production.weights.get(BLUE)).toBe(100);
  expect(test.weights.get(BLUE)).toBe(1);
  return record;
}

describe('an alarm', () => {
  it.each(PLACES)('%s stops the deployment at once and takes everything back', async (_where, settings, prepare, isThere) => {
    const stage = stageOf(settings, ENDLESS_MINUTE, OFTEN);
    prepare(stage);
    const id = stage.deployments.start(definitionOf(2));
    await until(() => isThere(stage, id), 5_000, 'the place');
    stage.alarms.active.add(ALARM);
    const { error } = await expectTakenBack(stage, id);
    expect(error).toEqual({ code: 'ALARM_ACTIVE', message: expect.stringContaining(`<${ALARM}>`) });
  });

  it('that is on already stops a new deployment before anything is made', async () => {
    const { deployments, alarms, service, journal } = stageOf({}, ENDLESS_MINUTE);
    alarms.active.add(ALARM);
    const { status, error, events } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, error?.code, events.BeforeInstall]).toEqual(['Stopped', 'ALARM_ACTIVE', 'Skipped']);
    expect([service.taskSets().length, journal.factsOf('phase.begin').length]).toEqual([1, 0]);
  });

  it('comes too late once blue is on its way out', async () => {
    const { deployments, alarms, service } = stageOf({ shift: { kind: 'all-at-once' }, terminationWaitMs: 0 }, 3, OFTEN);
    service.drained = new Promise(() => undefined);
    const id = deployments.start(definitionOf(2));
    await deployments.finished(id);
    alarms.active.add(ALARM);
    expect(() => deployments.stop(id)).toThrow(expect.objectContaining({ code: 'DeploymentAlreadyCompletedException' }));
    expect(deployments.get(id).status).toBe('Succeeded');
    expect(service.taskSets().find(({ status }) => status === 'PRIMARY')?.targetGroupArn).toBe(GREEN);
  });

  it('leaves everything as it is if the group does not roll back on alarms', async () => {
    const { deployments, alarms, production, service } = stageOf({ rollbackOn: ['DEPLOYMENT_FAILURE'] }, ENDLESS_MINUTE, OFTEN);
    const id = deployments.start(definitionOf(2));
    await until(() => production.weights.get(GREEN) === 10, 5_000, 'the canary');
    alarms.active.add(ALARM);
    const { status, rollback } = await deployments.finished(id);
    expect([status, rollback, production.weights.get(GREEN), service.taskSets().length]).toEqual(['Stopped', null, 10, 2]);
  });

  it('that can not be read stops a deployment', async () => {
    const { deployments, alarms } = stageOf({}, ENDLESS_MINUTE, OFTEN);
    alarms.unreadable = true;
    const { status, error } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, error?.message]).toEqual(['Stopped', expect.stringContaining('no answer')]);
  });

  it('that can not be read is ignored if the group says so', async () => {
    const { deployments, alarms } = stageOf({ ignorePollAlarmFailure: true }, 3, OFTEN);
    alarms.unreadable = true;
    expect((await deployments.finished(deployments.start(definitionOf(2)))).status).toBe('Succeeded');
  });
});

describe('a stop', () => {
  it.each(PLACES)('%s is noticed at once and takes everything back', async (_where, settings, prepare, isThere) => {
    const stage = stageOf(settings, ENDLESS_MINUTE);
    prepare(stage);
    const id = stage.deployments.start(definitionOf(2));
    await until(() => isThere(stage, id), 5_000, 'the place');
    expect(stage.deployments.stop(id, true)).toMatchObject({ status: 'Pending' });
    expect((await expectTakenBack(stage, id)).error?.code).toBe('MANUAL_STOP');
    expect(stage.deployments.stop(id)).toMatchObject({ status: 'Succeeded' });
  });

  it('before anything was made ends a deployment with nothing to roll back', async () => {
    const { deployments, service } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    deployments.stop(id, true);
    const { status, rollback } = await deployments.finished(id);
    expect([status, rollback?.rollbackDeploymentId, service.taskSets().length]).toEqual(['Stopped', undefined, 1]);
  });

  it('without rollback leaves everything as it is, whatever the group says', async () => {
    const { deployments, production, service } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => production.weights.get(GREEN) === 10, 5_000, 'the canary');
    deployments.stop(id, false);
    const { rollback } = await deployments.finished(id);
    expect([rollback, production.weights.get(GREEN), service.taskSets().length]).toEqual([null, 10, 2]);
  });
});

describe('a rollback', () => {
  it('is a deployment with its own id, by CodeDeploy, back to what was there, all at once', async () => {
    const { deployments, production } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => production.weights.get(GREEN) === 10, 5_000, 'the canary');
    deployments.stop(id);
    const { rollback } = await deployments.finished(id);
    const back = deployments.get(rollback!.rollbackDeploymentId!);
    expect(back).toMatchObject({
      creator: 'codeDeployRollback',
      status: 'Succeeded',
      configName: 'CodeDeployDefault.ECSAllAtOnce',
      taskDefinition: definitionOf(1).arn,
      rollback: { rollbackTriggeringDeploymentId: id },
    });
    expect(deployments.list().map((one) => one.id)).toEqual([back.id, id]);
    expect(deployments.list(['Stopped']).map((one) => one.id)).toEqual([id]);
  });

  it('takes the traffic back before the tasks of green end', async () => {
    const { deployments, production, journal } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => production.weights.get(GREEN) === 10, 5_000, 'the canary');
    deployments.stop(id);
    await deployments.finished(id);
    const events = journal.entries.filter(({ event }) => event === 'weights' || event === 'taskset.deleting');
    expect(events.slice(-3).map(({ event, facts }) => [event, facts.listener])).toEqual([
      ['weights', 'production'],
      ['weights', 'test'],
      ['taskset.deleting', undefined],
    ]);
  });

  it('that the service refuses has failed, and says so', async () => {
    const { deployments, production } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    await until(() => production.weights.get(GREEN) === 10, 5_000, 'the canary');
    production.shift = () => {
      throw new Error('the listener is gone');
    };
    deployments.stop(id);
    const { status, rollback } = await deployments.finished(id);
    const back = await deployments.finished(rollback!.rollbackDeploymentId!);
    expect([status, back.status, back.error?.message]).toEqual([
      'Stopped',
      'Failed',
      expect.stringContaining('listener is gone'),
    ]);
  });
});
