import { randomBytes } from 'node:crypto';
import { AwsError } from '../aws-api/aws-error.js';
import { failure, within } from './interruption.js';
import type { DeploymentParts } from './parts.js';
import type { LifecycleEvent } from './record.js';

export type Verdict = 'Succeeded' | 'Failed';

interface Execution {
  deployment: string;
  event: LifecycleEvent;
  verdict: PromiseWithResolvers<Verdict>;
  isOver: boolean;
}

/**
 * Calls the functions of lifecycle events, and takes their verdicts. Only PutLifecycleEventHookExecutionStatus counts: what a function
 * returns or throws does not.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs
 */
export class Hooks {
  private readonly parts: DeploymentParts;
  private readonly executions = new Map<string, Execution>();

  constructor(parts: DeploymentParts) {
    this.parts = parts;
  }

  /** Runs the event's function, if it has one. Rejects with an Interruption if its verdict is bad or missing, or the deployment is stopped. */
  async run(deployment: string, event: LifecycleEvent, signal: AbortSignal): Promise<void> {
    const name = this.parts.settings.hooks[event];
    if (name === undefined) return;
    const execution: Execution = { deployment, event, verdict: Promise.withResolvers(), isOver: false };
    const id = randomBytes(48).toString('base64');
    this.executions.set(id, execution);
    this.invoke(name, id, execution);
    try {
      const { clock, assumptions } = this.parts;
      const verdict = await within(signal, clock.minutes(assumptions.hookLimitMs), execution.verdict.promise);
      if (verdict === null)
        throw failure(
          'HOOK_EXECUTION_FAILURE',
          `The function of ${event} told no status within ${assumptions.hookLimitMs / 60_000} minutes.`,
        );
      if (verdict === 'Failed') throw failure('HOOK_EXECUTION_FAILURE', `The function of ${event} told the status Failed.`);
    } finally {
      execution.isOver = true;
    }
  }

  /**
   * Takes a function's verdict. Errors as in
   * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html
   *
   * @throws AwsError if the execution is not known or over, or the status is none that may be told
   */
  put(deployment: string, id: string, status: string): void {
    const execution = this.executions.get(id);
    if (execution?.deployment !== deployment)
      throw new AwsError('InvalidLifecycleEventHookExecutionIdException', `${deployment} has no hook execution with this id`);
    if (status !== 'Succeeded' && status !== 'Failed')
      throw new AwsError('InvalidLifecycleEventHookExecutionStatusException', `The status ${status} can't be told`);
    if (execution.isOver)
      throw new AwsError('LifecycleEventAlreadyCompletedException', `${execution.event} is completed already`);
    execution.isOver = true;
    this.parts.journal.note('codedeploy', deployment, 'hook.status', { phase: execution.event, status });
    execution.verdict.resolve(status);
  }

  /**
   * The event holds these two and nothing else.
   * Assumption: a function that can't be called at all, since there is none, fails the event at once.
   */
  private invoke(name: string, id: string, { deployment, event, verdict }: Execution): void {
    const { functions, journal } = this.parts;
    journal.note('codedeploy', deployment, 'hook.invoked', { phase: event, function: name });
    functions.invoke(name, { DeploymentId: deployment, LifecycleEventHookExecutionId: id }).then(
      ({ failed }) => journal.note('codedeploy', deployment, 'hook.returned', { phase: event, function: name, failed }),
      (error: unknown) => {
        journal.note('codedeploy', deployment, 'hook.not_invoked', { phase: event, function: name, error: String(error) });
        verdict.resolve('Failed');
      },
    );
  }
}
