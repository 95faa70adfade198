import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scalingActivity } from '../../rehearsal/ecs/stop-cause.js';
import { until } from '../support/until.js';
import { aDefinition, ask, Ecs, FAST, HEALTH_CHECK, lives } from './support/ecs.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const UNWANTED = scalingActivity('ecs-svc/1');

describe('a task', () => {
  let ecs: Ecs;
  beforeEach(async () => {
    ecs = await Ecs.start();
  });
  afterEach(() => ecs.stop());

  it('goes through the states of its lifecycle, and is a target while it runs', async () => {
    const task = ecs.task(await aDefinition());
    await ecs.serving(task);
    await task.stop(UNWANTED);

    const states = ecs.journal.eventsOf(task.arn).filter((event) => event === event.toUpperCase());
    expect(states).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
    expect(ecs.group.calls).toEqual([`register ${task.target.id}`, `deregister ${task.target.id}`]);
    expect(task.describe()).toMatchObject({ stopCode: 'ServiceSchedulerInitiated', exitCode: 0, lastStatus: 'STOPPED' });
  });

  it('has the environment of its definition, its secrets, its own address and a metadata endpoint', async () => {
    const task = ecs.task(await aDefinition({ environment: { ROLES: 'api' }, secrets: { DATABASE_URL: 'arn:database' } }));
    await ecs.serving(task);

    const environment = JSON.parse(await ask(task, '/environment'));
    expect(environment).toMatchObject({
      ROLES: 'api',
      DATABASE_URL: 'the value of arn:database',
      HOST: task.target.id,
      AWS_REGION: 'eu-west-1',
    });
    const metadata = await (await fetch(environment.ECS_CONTAINER_METADATA_URI_V4)).json();
    expect(metadata).toMatchObject({ Labels: { 'com.amazonaws.ecs.task-arn': task.arn } });
  });

  it('has nothing of the environment of the rehearsal but where programs and the home are', async () => {
    process.env['OF_THE_REHEARSAL'] = '1';
    const task = ecs.task(await aDefinition());
    await ecs.serving(task);
    delete process.env['OF_THE_REHEARSAL'];

    expect(JSON.parse(await ask(task, '/environment'))).not.toHaveProperty('OF_THE_REHEARSAL');
  });

  it.each([
    [
      'a secret',
      { secrets: { KEY: 'arn:missing' } },
      /^ResourceInitializationError: unable to pull secrets .*find the specified/,
    ],
    ['its image', { image: 'elsewhere/other:1' }, /^CannotPullContainerError: /],
  ])('does not start without %s', async (_what, changes, reason) => {
    const task = ecs.task(await aDefinition(changes));
    await task.stopped;

    expect(task.describe()).toMatchObject({ stopCode: 'TaskFailedToStart', exitCode: null, startedAt: null });
    expect(task.describe().stoppedReason).toMatch(reason);
    expect(ecs.group.calls).toEqual([]);
  });

  it('gets no SIGTERM before it is deregistered', async () => {
    const drained = Promise.withResolvers<void>();
    ecs.group.drained = drained.promise;
    const task = ecs.task(await aDefinition());
    await ecs.serving(task);
    const stopped = task.stop(UNWANTED);
    await until(() => ecs.group.calls.length === 2, 1_000, 'it to be deregistered');

    expect(await ask(task, '/health')).toBe('');
    expect(task.describe().lastStatus).toBe('DEACTIVATING');
    expect(task.log).not.toContain('the server got SIGTERM');
    drained.resolve();
    await stopped;
    expect(task.log).toContain('the server got SIGTERM');
  });

  it('is killed when its stopTimeout is over', async () => {
    const task = ecs.task(await aDefinition({ environment: { IGNORE_SIGTERM: '1' } }));
    await ecs.serving(task);
    await task.stop(UNWANTED);

    expect(task.log).toContain('the server got SIGTERM');
    expect(task.describe().exitCode).toBe(137);
  });

  it('stops when its process ends, and does not wait for its deregistration then', async () => {
    ecs.group.drained = new Promise(() => {});
    const task = ecs.task(await aDefinition({ environment: { CRASH: '3' } }));
    await task.stopped;

    expect(task.describe()).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      exitCode: 3,
    });
    expect(ecs.lines.map(({ text }) => text)).toContain('the server starts');
  });

  it('is not launched if it is stopped before', async () => {
    const task = ecs.task(await aDefinition(), {}, { clock: { ...FAST, seconds: (ms) => ms / 10 } });
    await task.stop(UNWANTED);

    expect(ecs.journal.eventsOf(task.arn)).not.toContain('ACTIVATING');
    expect(task.log).toEqual([]);
  });

  it('is healthy as long as its health check succeeds, at 127.0.0.1 of its own', async () => {
    const task = ecs.task(await aDefinition({ healthCheck: HEALTH_CHECK }));
    await until(() => task.describe().healthStatus === 'HEALTHY', 5_000, 'it to be healthy');
    await ask(task, '/sick');
    await until(() => task.describe().healthStatus === 'UNHEALTHY', 5_000, 'it to be unhealthy');

    const changes = ecs.journal.entries.filter(({ event }) => event === 'container health');
    expect(changes.map(({ facts }) => facts)).toEqual([
      { status: 'HEALTHY', output: 'the server answered 200' },
      { status: 'UNHEALTHY', output: 'the server answered 503' },
    ]);
  });

  it('takes along all processes that it has started', async () => {
    const task = ecs.task(await aDefinition());
    await ecs.serving(task);
    const pid = Number(await ask(task, '/child'));
    expect(lives(pid)).toBe(true);
    task.signal('SIGKILL');
    await task.stopped;

    await until(() => !lives(pid), 2_000, 'its child to end');
    expect(task.describe().exitCode).toBe(137);
  });
});

describe('the processes of a rehearsal', () => {
  it('do not survive it, even if it is killed', async () => {
    const script = ['--import', './bench/typescript.mjs', 'test/rehearsal/support/parent.ts'];
    const parent = spawn(process.execPath, script, { cwd: PROJECT, stdio: ['ignore', 'pipe', 'ignore'] });
    const pid = await new Promise<number>((said) => parent.stdout.once('data', (text) => said(Number(text))));
    expect(lives(pid)).toBe(true);
    parent.kill('SIGKILL');

    await until(() => !lives(pid), 2_000, 'its process to end');
  });
});
