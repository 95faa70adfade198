import type { Listener, Registry, TaskDefinition, TaskSetView, Weights } from '../model.js';
import { failure } from './interruption.js';
import type { DeploymentParts } from './parts.js';

/**
 * What one deployment changes: the task sets, and where the two listeners send traffic. The original task set is the primary one; green gets
 * the target group that this one does not have.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-prerequisites-ecs
 */
export class Environment {
  readonly original: TaskSetView;
  private green: string | null = null;
  private readonly parts: DeploymentParts;
  private readonly deployment: string;
  private readonly originalGroup: Registry;
  private readonly greenGroup: Registry;
  private readonly testBefore: Weights | null;

  /** @throws Interruption if the service has no primary task set in one of the target groups */
  constructor(parts: DeploymentParts, deployment: string) {
    this.parts = parts;
    this.deployment = deployment;
    const primary = parts.service.taskSets().find(({ status }) => status === 'PRIMARY');
    const [first, second] = parts.groups;
    if (primary?.targetGroupArn !== first.settings.arn && primary?.targetGroupArn !== second.settings.arn)
      throw failure(
        'INVALID_ECS_SERVICE',
        `The service ${parts.service.name} has no primary task set in one of the target groups.`,
      );
    this.original = primary;
    const isFirst = primary.targetGroupArn === first.settings.arn;
    [this.originalGroup, this.greenGroup] = isFirst ? [first, second] : [second, first];
    this.testBefore = parts.test ? new Map(parts.test.weights) : null;
  }

  hasGreen(): boolean {
    return this.green !== null;
  }

  /**
   * Puts both target groups into the production listener, green's with weight 0.
   * Assumption: CodeDeploy has done so since late 2022: https://github.com/traveloka/terraform-aws-alb-single-listener/pull/47, and the run that
   * parts.ts names. So green's targets get health checks before they get traffic.
   */
  attach(): void {
    if (!this.parts.production.weights.has(this.greenGroup.settings.arn)) this.routeProduction(0);
  }

  /** Makes green, whose tasks start at once. */
  install(definition: TaskDefinition): void {
    this.green = this.parts.service.createTaskSet(definition, this.greenGroup);
    const { name } = this.greenGroup.settings;
    this.note('taskset.created', { taskSet: this.green, targetGroup: name, taskDefinition: definition.arn });
  }

  /**
   * Takes away task sets that are neither the original one nor on their way out, and their traffic before that.
   * Assumption: a deployment that was stopped without a rollback leaves such a task set, and the next one can't use its target group.
   */
  async clear(): Promise<void> {
    const others = this.parts.service.taskSets().filter(({ id, status }) => id !== this.original.id && status !== 'DRAINING');
    if (others.length === 0) return;
    this.routeProduction(0);
    await Promise.all(others.map(({ id }) => this.delete(id)));
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html, stabilityStatus */
  isSteady(): boolean {
    return this.parts.service.taskSets().some(({ id, stability }) => id === this.green && stability === 'STEADY_STATE');
  }

  /**
   * The test listener sends everything to green.
   * Assumption: with both target groups in it, as the production listener has them.
   */
  routeTest(): void {
    if (this.parts.test) this.shift(this.parts.test, 'test', this.weights(100));
  }

  /** Green gets so many per cent of the production traffic. */
  routeProduction(percent: number): void {
    this.shift(this.parts.production, 'production', this.weights(percent));
  }

  makeGreenPrimary(): void {
    this.makePrimary(this.green!);
  }

  /**
   * Everything is as it was when the deployment started, but for green's tasks, which are still there.
   * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
   */
  restore(): void {
    this.routeProduction(0);
    if (this.parts.test && this.testBefore) this.shift(this.parts.test, 'test', this.testBefore);
    const isPrimary = this.parts.service.taskSets().some(({ id, status }) => id === this.original.id && status === 'PRIMARY');
    if (!isPrimary) this.makePrimary(this.original.id);
  }

  /** Resolves when its tasks are stopped. */
  async deleteGreen(): Promise<void> {
    if (this.green) await this.delete(this.green);
  }

  async deleteOriginal(): Promise<void> {
    await this.delete(this.original.id);
  }

  private async delete(taskSet: string): Promise<void> {
    this.note('taskset.deleting', { taskSet });
    await this.parts.service.deleteTaskSet(taskSet);
    this.note('taskset.deleted', { taskSet });
  }

  private makePrimary(taskSet: string): void {
    this.parts.service.makePrimary(taskSet);
    this.note('taskset.primary', { taskSet });
  }

  private weights(percent: number): Weights {
    return new Map([
      [this.originalGroup.settings.arn, 100 - percent],
      [this.greenGroup.settings.arn, percent],
    ]);
  }

  private shift(listener: Listener, name: string, weights: Weights): void {
    listener.shift(weights);
    const byGroup = [this.originalGroup, this.greenGroup].map(({ settings }) => [settings.name, weights.get(settings.arn) ?? 0]);
    this.note('weights', { listener: name, weights: Object.fromEntries(byGroup) });
  }

  private note(event: string, facts: Record<string, unknown>): void {
    this.parts.journal.note('codedeploy', this.deployment, event, facts);
  }
}
