import { randomInt } from 'node:crypto';
import type { Registry, Service, TaskDefinition } from '../model.js';
import { taskAddresses } from './addresses.js';
import { USUAL_DELAYS, USUAL_FLOORS, type Platform, type TaskDelays } from './platform.js';
import { stateChange, type TaskStateChange } from './state-change.js';
import { scalingActivity, ZONE_LOST } from './stop-cause.js';
import type { Task } from './task.js';
import type { TaskDescription, TaskLine } from './task-description.js';
import { TaskSet, type Scheduling, type TaskSetDescription } from './task-set.js';
import { USUAL_THROTTLE } from './throttle.js';

/** Stopped tasks are listed for at least so long: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
const LISTED_MS = 3_600_000;
const LEAST_TURN_MS = 20;

export interface ServiceSettings extends Partial<Scheduling> {
  zones: readonly string[];
  desired: number;
  /** healthCheckGracePeriodSeconds, in ms. */
  gracePeriodMs: number;
  /** Assumption: the scheduler looks every 5 s on AWS; AWS documents no time. */
  schedulerMs?: number;
  /** Answers an address that nobody had before. */
  nextAddress?: () => string;
}

/** The parts of the platform that the service does not fill in itself. */
export type ServicePlatform = Omit<Platform, 'delays' | 'healthFloors' | 'keptLines' | 'ended'> &
  Partial<Pick<Platform, 'delays' | 'healthFloors' | 'keptLines'>>;

interface Stopped {
  task: Task;
  atMs: number;
}

/**
 * A service of ECS with the deployment controller CODE_DEPLOY: task sets of one task definition each, spread over zones, whose tasks are
 * replaced when they stop or are unhealthy. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
export class EcsService implements Service {
  private readonly platform: Platform;
  private readonly settings: ServiceSettings;
  private readonly scheduling: Scheduling;
  private readonly nextAddress: () => string;
  private readonly ended = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly stoppedListeners: ((event: TaskStateChange) => void)[] = [];
  private readonly lineListeners: ((line: TaskLine) => void)[] = [];
  private readonly lostZones = new Set<string>();
  private sets: TaskSet[] = [];
  private running: Task[] = [];
  private gone: Stopped[] = [];
  private desired: number;

  constructor(settings: ServiceSettings, platform: ServicePlatform) {
    const usual = { delays: USUAL_DELAYS, healthFloors: USUAL_FLOORS, keptLines: 2_000 };
    this.platform = { ...usual, ...platform, ended: this.ended.signal };
    this.settings = settings;
    this.desired = settings.desired;
    // The maximum can't be changed with CODE_DEPLOY: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    this.scheduling = { maximumPercent: 200, throttle: USUAL_THROTTLE, ...settings };
    this.nextAddress = settings.nextAddress ?? taskAddresses();
    const turnMs = Math.max(LEAST_TURN_MS, platform.clock.seconds(settings.schedulerMs ?? 5_000));
    this.timer = setInterval(() => this.reconcile(), turnMs);
  }

  /** Of tasks from now on. */
  set delays(delays: TaskDelays) {
    this.platform.delays = delays;
  }

  get cluster(): string {
    return this.platform.cluster;
  }

  get name(): string {
    return this.platform.service;
  }

  /** In the order in which they were made. */
  taskSets(): TaskSetDescription[] {
    return this.sets.map((set) => set.describe());
  }

  /** By the desired status, as ListTasks does: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html */
  tasks(desired: 'RUNNING' | 'STOPPED'): TaskDescription[] {
    const oldest = this.platform.clock.now() - this.platform.clock.minutes(LISTED_MS);
    this.gone = this.gone.filter(({ atMs }) => atMs >= oldest);
    const all = [...this.gone.map(({ task }) => task), ...this.running];
    return all.map((task) => task.describe()).filter(({ desiredStatus }) => desiredStatus === desired);
  }

  /** The first one is PRIMARY: it is what the service is made with. */
  createTaskSet(definition: TaskDefinition, group: Registry): string {
    const id = `ecs-svc/${randomInt(1e9, 1e10)}${randomInt(1e8, 1e9)}`;
    const status = this.sets.length === 0 ? 'PRIMARY' : 'ACTIVE';
    const set = new TaskSet({ id, definition, group, status }, this.desired, this.platform, this.scheduling, {
      nextAddress: this.nextAddress,
      zones: () => this.settings.zones.filter((zone) => !this.lostZones.has(zone)),
      tasks: () => this.sets.flatMap(({ live }) => live.map(({ order: { zone } }) => ({ zone }))),
      started: (task) => this.watch(task, definition),
      onLine: (line) => this.lineListeners.forEach((listener) => listener(line)),
    });
    this.sets.push(set);
    this.note(id, status, { taskDefinition: definition.arn, targetGroup: group.settings.name, desired: this.desired });
    set.reconcile();
    return id;
  }

  /** Throws if there is no such task set. */
  makePrimary(taskSetId: string): void {
    const primary = this.taskSet(taskSetId);
    for (const set of this.sets) if (set.status !== 'DRAINING') set.status = set === primary ? 'PRIMARY' : 'ACTIVE';
  }

  /** With force, as CodeDeploy does: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskSet.html. Rejects if there is no such task set. */
  async deleteTaskSet(taskSetId: string): Promise<void> {
    const set = this.taskSet(taskSetId);
    await set.end(scalingActivity(taskSetId));
    this.sets = this.sets.filter((other) => other !== set);
    this.note(taskSetId, 'deleted');
  }

  scale(desired: number): void {
    this.desired = desired;
    this.note(this.name, 'scaled', { desired });
    for (const set of this.sets) if (set.status !== 'DRAINING') set.scale(desired);
  }

  /** Sends the signal to the task's process, as if it did that itself. Throws if there is no such task. */
  killTask(arn: string, signal: NodeJS.Signals = 'SIGKILL'): void {
    this.task(arn).signal(signal);
  }

  /** The last lines that a task has printed. Throws if there is no such task. */
  logOf(arn: string): string[] {
    return this.task(arn).log;
  }

  /**
   * A zone is lost: no task is started in it. `power` ends its tasks at once; `network` freezes them, so that nobody gets an answer from them.
   * Assumption: ECS replaces tasks without power as soon as it looks again, and those without network when their health checks have failed.
   */
  stopZone(zone: string, kind: 'power' | 'network' = 'power'): void {
    this.lostZones.add(zone);
    this.note(zone, 'zone lost', { kind });
    for (const task of this.running.filter(({ order }) => order.zone === zone)) {
      if (kind === 'power') void task.stop(ZONE_LOST);
      task.signal(kind === 'power' ? 'SIGKILL' : 'SIGSTOP');
    }
  }

  /** It is back: for tasks that are started from now on, and for those that were frozen. None is moved. */
  startZone(zone: string): void {
    this.lostZones.delete(zone);
    this.note(zone, 'zone back');
    for (const task of this.running.filter(({ order }) => order.zone === zone)) task.signal('SIGCONT');
  }

  /** `listener` is called with each task that has stopped, as EventBridge tells it. */
  onStopped(listener: (event: TaskStateChange) => void): void {
    this.stoppedListeners.push(listener);
  }

  /** `listener` is called with each line that any task prints. */
  onLine(listener: (line: TaskLine) => void): void {
    this.lineListeners.push(listener);
  }

  /** Ends all of its processes at once and starts no more. Synchronous: for handlers of `exit`. */
  killNow(): void {
    clearInterval(this.timer);
    this.ended.abort();
    for (const task of this.running) task.signal('SIGKILL');
  }

  /** killNow, and resolves when everything has ended. */
  async close(): Promise<void> {
    this.killNow();
    await Promise.all(this.running.map(({ stopped }) => stopped));
  }

  private reconcile(): void {
    for (const set of this.sets) set.reconcile();
  }

  private watch(task: Task, definition: TaskDefinition): void {
    this.running.push(task);
    void task.stopped.then(() => this.forget(task, definition));
  }

  private forget(task: Task, definition: TaskDefinition): void {
    this.running = this.running.filter((other) => other !== task);
    this.gone.push({ task, atMs: this.platform.clock.now() });
    if (this.ended.signal.aborted) return;
    const event = stateChange(task.describe(), definition, this.platform);
    for (const listener of this.stoppedListeners) listener(event);
  }

  private task(arn: string): Task {
    const task = this.running.find((one) => one.arn === arn) ?? this.gone.find((one) => one.task.arn === arn)?.task;
    if (!task) throw new Error(`there is no task ${arn}`);
    return task;
  }

  private taskSet(id: string): TaskSet {
    const set = this.sets.find((one) => one.id === id);
    if (!set) throw new Error(`there is no task set ${id}`);
    return set;
  }

  private note(subject: string, event: string, facts: Record<string, unknown> = {}): void {
    this.platform.journal.note('ecs', subject, event, facts);
  }
}
