import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EcsService } from '../../rehearsal/ecs/service.js';
import type { TaskStateChange } from '../../rehearsal/ecs/state-change.js';
import { until } from '../support/until.js';
import { aDefinition, Ecs, FAST, ZONES } from './support/ecs.js';
import { TestRegistry } from './support/registry.js';

describe('a service', () => {
  let ecs: Ecs;
  beforeEach(async () => {
    ecs = await Ecs.start();
  });
  afterEach(() => ecs.stop());

  const isSteady = (service: EcsService) => service.taskSets().every(({ stability }) => stability === 'STEADY_STATE');
  const steady = (service: EcsService) => until(() => isSteady(service), 5_000, 'a steady state');
  const arnsOf = (service: EcsService) => service.tasks('RUNNING').map(({ arn }) => arn);
  const addressesOf = (service: EcsService) => service.tasks('RUNNING').map(({ address }) => address);

  it('spreads the tasks of a task set over the zones', async () => {
    const service = ecs.service({ desired: 6 }, { images: () => null });
    service.createTaskSet(await aDefinition(), ecs.group);

    const zones = service.tasks('RUNNING').map(({ zone }) => zone);
    expect(zones.toSorted()).toEqual([...ZONES, ...ZONES].toSorted());
  });

  it('has a steady state when all of its tasks run and are healthy in the target group', async () => {
    ecs.group.newState = 'initial';
    const service = ecs.service();
    service.createTaskSet(await aDefinition(), ecs.group);
    await until(() => service.taskSets()[0]!.running === 3, 5_000, 'its tasks to run');

    expect(service.taskSets()[0]).toMatchObject({ status: 'PRIMARY', desired: 3, pending: 0, stability: 'STABILIZING' });
    for (const address of addressesOf(service)) ecs.group.set(address, 'healthy');
    expect(service.taskSets()[0]).toMatchObject({ stability: 'STEADY_STATE' });
  });

  it('replaces a task that ended, and tells of it as EventBridge does', async () => {
    const events: TaskStateChange[] = [];
    const service = ecs.service({ desired: 1 });
    service.onStopped((event) => events.push(event));
    const taskSet = service.createTaskSet(await aDefinition(), ecs.group);
    await steady(service);
    const [arn] = arnsOf(service);
    service.killTask(arn!);
    await until(() => events.length === 1, 5_000, 'the event');
    await until(() => arnsOf(service).length === 1, 5_000, 'another task');

    expect(arnsOf(service)).not.toEqual([arn]);
    expect(service.tasks('STOPPED').map((task) => task.arn)).toEqual([arn]);
    expect(events[0]).toMatchObject({
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      detail: {
        clusterArn: 'arn:aws:ecs:eu-west-1:123456789012:cluster/posthorn',
        group: 'service:posthorn',
        taskArn: arn,
        taskDefinitionArn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/posthorn:7',
        startedBy: taskSet,
        lastStatus: 'STOPPED',
        desiredStatus: 'STOPPED',
        stopCode: 'EssentialContainerExited',
        containers: [{ name: 'app', exitCode: 137 }],
      },
    });
  });

  it('starts a task that crashes again and again, without growing pauses', async () => {
    const service = ecs.service({ desired: 1 });
    service.createTaskSet(await aDefinition({ environment: { CRASH: '1' } }), ecs.group);

    await until(() => service.tasks('STOPPED').length >= 4, 10_000, 'four crashes');
    expect(ecs.journal.entries.map(({ event }) => event)).not.toContain('unable to consistently start tasks successfully');
  });

  it('starts tasks that cannot be started less and less often', async () => {
    const service = ecs.service({ desired: 2 });
    service.createTaskSet(await aDefinition({ secrets: { KEY: 'arn:missing' } }), ecs.group);
    const pauses = () =>
      ecs.journal.entries.filter(({ event }) => event.startsWith('unable to consistently')).map(({ facts }) => facts);

    await until(() => pauses().length >= 3, 5_000, 'three pauses');
    expect(pauses().slice(0, 3)).toEqual([{ waitMs: 10_000 }, { waitMs: 20_000 }, { waitMs: 40_000 }]);
  });

  it('replaces a task that is unhealthy in the target group, and stops it when the replacement is healthy', async () => {
    const service = ecs.service({ desired: 1 });
    service.createTaskSet(await aDefinition(), ecs.group);
    await steady(service);
    const [old] = service.tasks('RUNNING');
    ecs.group.newState = 'initial';
    ecs.group.set(old!.address, 'unhealthy');
    await until(() => service.taskSets()[0]!.running === 2, 5_000, 'its replacement to run');
    expect(arnsOf(service)).toContain(old!.arn);

    for (const address of addressesOf(service)) if (address !== old!.address) ecs.group.set(address, 'healthy');
    await until(() => !arnsOf(service).includes(old!.arn), 5_000, 'it to be stopped');
    const [stopped] = service.tasks('STOPPED');
    expect(stopped).toMatchObject({ arn: old!.arn, stopCode: 'ServiceSchedulerInitiated' });
    expect(stopped!.stoppedReason).toBe(`Task failed ELB health checks in (target-group ${ecs.group.settings.arn})`);
  });

  it('leaves a task alone in its grace period', async () => {
    ecs.group.newState = 'unhealthy';
    const service = ecs.service({ desired: 1, gracePeriodMs: 60_000_000 });
    service.createTaskSet(await aDefinition(), ecs.group);
    await until(() => service.taskSets()[0]!.running === 1, 5_000, 'it to run');
    const turns = ecs.journal.entries.length;

    await expect(until(() => ecs.journal.entries.length > turns, 10, 'anything')).rejects.toThrow('in vain');
  });

  it('has a second task set beside the first, which can become primary', async () => {
    const [green, service] = [new TestRegistry('green'), ecs.service({ desired: 1 })];
    const definition = await aDefinition();
    const [first, second] = [service.createTaskSet(definition, ecs.group), service.createTaskSet(definition, green)];
    const statuses = () => service.taskSets().map(({ id, status }) => [id, status]);

    expect(statuses()).toEqual([
      [first, 'PRIMARY'],
      [second, 'ACTIVE'],
    ]);
    service.makePrimary(second);
    expect(statuses()).toEqual([
      [first, 'ACTIVE'],
      [second, 'PRIMARY'],
    ]);
    expect(service.tasks('RUNNING').map(({ startedBy }) => startedBy)).toEqual([first, second]);
  });

  it('deletes a task set: its tasks are deregistered, end, and are not replaced', async () => {
    const service = ecs.service({ desired: 2 });
    const lines: string[] = [];
    service.onLine(({ text }) => lines.push(text));
    const id = service.createTaskSet(await aDefinition(), ecs.group);
    await until(() => lines.filter((line) => line === 'the server listens').length === 2, 5_000, 'both to listen');
    await steady(service);
    const deleted = service.deleteTaskSet(id);
    expect(service.taskSets()[0]).toMatchObject({ status: 'DRAINING', desired: 0 });
    await deleted;

    expect(service.taskSets()).toEqual([]);
    expect(service.tasks('RUNNING')).toEqual([]);
    const reason = `Scaling activity initiated by (deployment ${id})`;
    expect(service.tasks('STOPPED')).toEqual([
      expect.objectContaining({ stoppedReason: reason, exitCode: 0 }),
      expect.objectContaining({ stoppedReason: reason, exitCode: 0 }),
    ]);
  });

  it('scales in and out', async () => {
    const service = ecs.service({ desired: 1 });
    service.createTaskSet(await aDefinition(), ecs.group);
    service.scale(4);
    await steady(service);
    expect(service.tasks('RUNNING')).toHaveLength(4);

    service.scale(3);
    expect(
      service
        .tasks('RUNNING')
        .map(({ zone }) => zone)
        .toSorted(),
    ).toEqual(ZONES);
  });

  it('replaces the tasks of a lost zone in the others', async () => {
    const service = ecs.service();
    service.createTaskSet(await aDefinition(), ecs.group);
    await steady(service);
    service.stopZone(ZONES[0]!);
    expect(service.taskSets()[0]).toMatchObject({ stability: 'STABILIZING' });
    await steady(service);

    expect(new Set(service.tasks('RUNNING').map(({ zone }) => zone))).toEqual(new Set(ZONES.slice(1)));
    expect(service.tasks('STOPPED')).toEqual([expect.objectContaining({ zone: ZONES[0], stopCode: 'InfrastructureHealth' })]);
  });

  it('lets tasks of a zone without network hang until it is back', async () => {
    const service = ecs.service({ desired: 1 });
    const definition = await aDefinition();
    service.createTaskSet(definition, ecs.group);
    const [task] = service.tasks('RUNNING');
    const answers = async () => {
      const limit = AbortSignal.timeout(300);
      return (await fetch(`http://${task!.address}:${definition.port}/health`, { signal: limit })).status === 200;
    };
    await until(answers, 5_000, 'it to answer');
    service.stopZone(task!.zone, 'network');
    await expect(answers()).rejects.toThrow('timeout');

    service.startZone(task!.zone);
    await until(answers, 5_000, 'it to answer again');
    expect(arnsOf(service)).toEqual([task!.arn]);
  });

  it('lists stopped tasks for an hour', async () => {
    let later = 0;
    const service = ecs.service({ desired: 1 }, { clock: { ...FAST, now: () => performance.now() + later } });
    service.createTaskSet(await aDefinition(), ecs.group);
    await steady(service);
    service.scale(0);
    await until(() => service.tasks('STOPPED')[0]?.lastStatus === 'STOPPED', 5_000, 'it to stop');

    later = 3_600;
    expect(service.tasks('STOPPED')).toEqual([]);
  });
});
