import { describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { BLUE, definitionOf, GREEN, stageOf } from './codedeploy-stage.js';

const ENDLESS_MINUTE = 60_000;
const QUICK = { shift: { kind: 'all-at-once' }, terminationWaitMs: 0 } as const;
const AFTER_TEST = { ...QUICK, hooks: { AfterAllowTestTraffic: 'check' } };
const silent = () => new Promise<never>(() => undefined);

describe('a hook', () => {
  it('gets the ids of the deployment and of its execution, and nothing else', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST);
    const id = deployments.start(definitionOf(2));
    await deployments.finished(id);
    expect(functions.invoked).toEqual([
      { name: 'check', event: { DeploymentId: id, LifecycleEventHookExecutionId: expect.any(String) } },
    ]);
  });

  it('is called at its event, while the test listener is on green and production is not', async () => {
    const { deployments, functions, production, test } = stageOf(AFTER_TEST);
    const seen: unknown[] = [];
    functions.ways.check = async (event) => {
      seen.push(test.weights.get(GREEN), production.weights.get(GREEN));
      return await functions.tell('Succeeded', event);
    };
    await deployments.finished(deployments.start(definitionOf(2)));
    expect(seen).toEqual([100, 0]);
  });

  it('that told Succeeded is done, however the function ends', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST);
    functions.ways.check = async (event) => {
      await functions.tell('Succeeded', event);
      return { failed: 'Unhandled' };
    };
    expect((await deployments.finished(deployments.start(definitionOf(2)))).status).toBe('Succeeded');
  });

  it('that ended without a status is waited for', async () => {
    const { deployments, functions, journal } = stageOf(AFTER_TEST, ENDLESS_MINUTE);
    functions.ways.check = async () => ({ failed: 'Task timed out after 180.00 seconds' });
    const id = deployments.start(definitionOf(2));
    await until(() => journal.factsOf('hook.returned').length === 1, 5_000, 'the end of the function');
    expect(deployments.get(id).events.AfterAllowTestTraffic).toBe('InProgress');
    deployments.stop(id);
    await deployments.finished(id);
  });

  it('that tells no status within an hour fails the deployment', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST, 1);
    functions.ways.check = silent;
    const { status, error } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, error]).toEqual([
      'Failed',
      { code: 'HOOK_EXECUTION_FAILURE', message: expect.stringContaining('60 minutes') },
    ]);
  });

  it('that can not be called at all fails the deployment', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST, ENDLESS_MINUTE);
    functions.ways.check = () => Promise.reject(new Error('no such function'));
    expect((await deployments.finished(deployments.start(definitionOf(2)))).error?.code).toBe('HOOK_EXECUTION_FAILURE');
  });

  it.each(['AfterInstall', 'AfterAllowTestTraffic', 'BeforeAllowTraffic', 'AfterAllowTraffic'] as const)(
    'of %s that tells Failed takes everything back',
    async (event) => {
      const { deployments, functions, service, production, test } = stageOf({ ...QUICK, hooks: { [event]: 'check' } });
      functions.ways.check = (given) => functions.tell('Failed', given);
      const { status, error, events, rollback } = await deployments.finished(deployments.start(definitionOf(2)));
      await deployments.settled();
      expect([status, error?.code, events[event]]).toEqual(['Failed', 'HOOK_EXECUTION_FAILURE', 'Failed']);
      expect(service.taskSets()).toMatchObject([{ status: 'PRIMARY', taskDefinition: definitionOf(1).arn }]);
      expect(production.weights.get(BLUE)).toBe(100);
      expect([...test.weights]).toEqual([[BLUE, 1]]);
      expect(deployments.get(rollback!.rollbackDeploymentId!).status).toBe('Succeeded');
    },
  );

  it('of BeforeInstall that tells Failed leaves nothing to roll back', async () => {
    const { deployments, functions, service } = stageOf({ hooks: { BeforeInstall: 'check' } });
    functions.ways.check = (given) => functions.tell('Failed', given);
    const { status, rollback } = await deployments.finished(deployments.start(definitionOf(2)));
    expect([status, rollback]).toEqual(['Failed', { rollbackMessage: expect.stringContaining('Nothing to roll back') }]);
    expect([service.taskSets().length, deployments.list().length]).toEqual([1, 1]);
  });
});

describe("a hook's status", () => {
  it('is refused for an execution that is not known', async () => {
    const { deployments } = stageOf({}, ENDLESS_MINUTE);
    const id = deployments.start(definitionOf(2));
    const put = () => deployments.putHookStatus(id, 'unknown', 'Succeeded');
    expect(put).toThrow(expect.objectContaining({ code: 'InvalidLifecycleEventHookExecutionIdException' }));
    deployments.stop(id);
    await deployments.finished(id);
  });

  it('is refused for a deployment that is not known', () => {
    const put = () => stageOf().deployments.putHookStatus('d-UNKNOWN00', 'x', 'Succeeded');
    expect(put).toThrow(expect.objectContaining({ code: 'DeploymentDoesNotExistException' }));
  });

  it('can be Succeeded or Failed only, and is told once', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST, ENDLESS_MINUTE);
    functions.ways.check = silent;
    const id = deployments.start(definitionOf(2));
    await until(() => functions.invoked.length === 1, 5_000, 'the call');
    const tell = (status: string) =>
      deployments.putHookStatus(id, functions.invoked[0]!.event.LifecycleEventHookExecutionId, status);
    expect(() => tell('Skipped')).toThrow(expect.objectContaining({ code: 'InvalidLifecycleEventHookExecutionStatusException' }));
    tell('Succeeded');
    expect(() => tell('Failed')).toThrow(expect.objectContaining({ code: 'LifecycleEventAlreadyCompletedException' }));
    expect((await deployments.finished(id)).status).toBe('Succeeded');
  });

  it('comes too late after the deployment was stopped', async () => {
    const { deployments, functions } = stageOf(AFTER_TEST, ENDLESS_MINUTE);
    functions.ways.check = silent;
    const id = deployments.start(definitionOf(2));
    await until(() => functions.invoked.length === 1, 5_000, 'the call');
    deployments.stop(id);
    await deployments.finished(id);
    const { event } = functions.invoked[0]!;
    const put = () => deployments.putHookStatus(id, event.LifecycleEventHookExecutionId, 'Succeeded');
    expect(put).toThrow(expect.objectContaining({ code: 'LifecycleEventAlreadyCompletedException' }));
  });
});
