import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { taskAddresses } from '../../../rehearsal/ecs/addresses.js';
import type { Image } from '../../../rehearsal/ecs/container.js';
import { MetadataServer } from '../../../rehearsal/ecs/metadata.js';
import type { Platform } from '../../../rehearsal/ecs/platform.js';
import { Processes } from '../../../rehearsal/ecs/processes.js';
import { EcsService, type ServiceSettings } from '../../../rehearsal/ecs/service.js';
import { Task } from '../../../rehearsal/ecs/task.js';
import type { TaskLine, TaskOrder } from '../../../rehearsal/ecs/task-description.js';
import type { Clock, Entry, Journal, TaskDefinition } from '../../../rehearsal/model.js';
import { freePort } from '../../support/services.js';
import { until } from '../../support/until.js';
import { TestRegistry } from './registry.js';

/** A thousand times as fast as AWS. */
export const FAST: Clock = { now: () => performance.now(), minutes: (ms) => ms / 1_000, seconds: (ms) => ms / 1_000 };

export const ZONES = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];

export class TestJournal implements Journal {
  readonly entries: Entry[] = [];

  note(source: Entry['source'], subject: string, event: string, facts: Record<string, unknown> = {}): void {
    this.entries.push({ at: performance.now(), source, subject, event, facts });
  }

  /** Events of one subject, in order. */
  eventsOf(subject: string): string[] {
    return this.entries.filter((entry) => entry.subject === subject).map(({ event }) => event);
  }
}

/** The stand-in for the service, as an image. */
const SERVER: Image = { folder: import.meta.dirname, entryPoint: ['node'], command: ['server.mjs'], environment: {} };

/** A task definition of the stand-in. */
export async function aDefinition(changes: Partial<TaskDefinition> = {}): Promise<TaskDefinition> {
  const port = await freePort();
  return {
    arn: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/posthorn:7',
    family: 'posthorn',
    image: 'registry/posthorn:1.2.3',
    secrets: {},
    containerName: 'app',
    port,
    command: null,
    healthCheck: null,
    stopTimeoutMs: 120_000,
    ...changes,
    environment: { PORT: String(port), ...changes.environment },
  };
}

/** The check of the stand-in, which looks at 127.0.0.1 as the project's own does. */
export const HEALTH_CHECK: TaskDefinition['healthCheck'] = {
  command: ['CMD', 'node', join(import.meta.dirname, 'check.mjs')],
  intervalMs: 10_000,
  timeoutMs: 5_000,
  retries: 2,
  startPeriodMs: 0,
};

/** What tests of tasks and services share; all of it ends with `stop`. */
export class Ecs {
  readonly journal = new TestJournal();
  readonly processes = new Processes();
  readonly group = new TestRegistry();
  readonly lines: TaskLine[] = [];
  readonly nextAddress = taskAddresses(`127.${randomInt(32, 250)}`);
  readonly platform: Platform;
  private readonly ended = new AbortController();
  private readonly metadata: MetadataServer;
  private readonly tasks: Task[] = [];
  private readonly services: EcsService[] = [];

  private constructor(metadata: MetadataServer) {
    this.metadata = metadata;
    this.platform = {
      clock: FAST,
      journal: this.journal,
      processes: this.processes,
      metadata,
      images: (name) => (name.startsWith('registry/posthorn') ? SERVER : null),
      secrets: async (valueFrom) => {
        if (valueFrom.includes('missing')) throw new Error('Secrets Manager can’t find the specified secret');
        return `the value of ${valueFrom}`;
      },
      region: 'eu-west-1',
      account: '123456789012',
      cluster: 'posthorn',
      service: 'posthorn',
      environment: {},
      delays: { provisioningMs: 10_000, pullMs: 15_000, activatingMs: 1_000, bootMs: 0, deprovisioningMs: 10_000 },
      healthFloors: { intervalMs: 20, firstMs: 20, timeoutMs: 5_000 },
      keptLines: 100,
      ended: this.ended.signal,
    };
  }

  static async start(): Promise<Ecs> {
    return new Ecs(await MetadataServer.start());
  }

  task(definition: TaskDefinition, order: Partial<TaskOrder> = {}, changes: Partial<Platform> = {}): Task {
    const whole = {
      definition,
      group: this.group,
      zone: ZONES[0]!,
      address: this.nextAddress(),
      startedBy: 'ecs-svc/1',
      ...order,
    };
    const task = new Task(whole, { ...this.platform, ...changes }, (line) => this.lines.push(line));
    this.tasks.push(task);
    return task;
  }

  service(settings: Partial<ServiceSettings> = {}, changes: Partial<Platform> = {}): EcsService {
    const usual = { zones: ZONES, desired: 3, gracePeriodMs: 0, nextAddress: this.nextAddress };
    const service = new EcsService({ ...usual, ...settings }, { ...this.platform, ...changes });
    this.services.push(service);
    return service;
  }

  /** Waits until the task runs and its server listens. */
  async serving(task: Task): Promise<void> {
    await until(() => task.describe().lastStatus === 'RUNNING', 5_000, 'the task to run');
    await until(() => task.log.includes('the server listens'), 5_000, 'its server to listen');
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.close()));
    this.ended.abort();
    this.processes.killNow();
    await Promise.all(this.tasks.map(({ stopped }) => stopped));
    await this.metadata.close();
  }
}

/** Text of a task's server. */
export async function ask(task: Pick<Task, 'target'>, path: string): Promise<string> {
  const answer = await fetch(`http://${task.target.id}:${task.target.port}${path}`);
  return answer.text();
}

/** Whether a process runs. One that has ended, and that nobody has asked for how, does not. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
