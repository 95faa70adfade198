import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Target, TaskView } from '../model.js';
import { ContainerRun, type Program } from './container-run.js';
import { environmentOf, programOf, readSecrets } from './container.js';
import { LastLines } from './lines.js';
import { listens } from './listens.js';
import type { MetadataFacts } from './metadata-format.js';
import { aborted, pause } from './pause.js';
import { ecsArn, type Platform } from './platform.js';
import { CONTAINER_EXITED, imageNotPulled, REHEARSAL_ENDED, secretsNotPulled, type StopCause } from './stop-cause.js';
import type { TaskDescription, TaskLine, TaskOrder, Times } from './task-description.js';

/** Could not be started, for this cause. */
class NotStarted extends Error {
  readonly stop: StopCause;

  constructor(stop: StopCause) {
    super(stop.reason);
    this.stop = stop;
  }
}

/**
 * One task with one container, which is one real process. It goes through the states of
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
 * and journals each of them. It ends when it is told to, when its process ends, or when it can't be started.
 */
export class Task {
  readonly arn: string;
  readonly order: TaskOrder;
  /** Resolves when it is STOPPED. */
  readonly stopped: Promise<void>;
  private readonly platform: Platform;
  private readonly onLine: (line: TaskLine) => void;
  private readonly id = randomBytes(16).toString('hex');
  private readonly containerId = `${this.id}-${randomInt(1_000_000_000, 4_000_000_000)}`;
  private readonly containerArn: string;
  private readonly lines: LastLines;
  private readonly stopping = new AbortController();
  private readonly createdAt = new Date();
  private readonly times: Times = {
    pullStartedAt: null,
    pullStoppedAt: null,
    startedAt: null,
    stoppingAt: null,
    stoppedAt: null,
  };
  private status: TaskView['lastStatus'] = 'PROVISIONING';
  private version = 0;
  private cause: StopCause | null = null;
  private container: ContainerRun | null = null;
  private isTarget = false;

  /** Starts at once. */
  constructor(order: TaskOrder, platform: Platform, onLine: (line: TaskLine) => void) {
    this.order = order;
    this.platform = platform;
    this.onLine = onLine;
    this.arn = ecsArn(platform, `task/${platform.cluster}/${this.id}`);
    this.containerArn = ecsArn(platform, `container/${platform.cluster}/${this.id}/${randomUUID()}`);
    this.lines = new LastLines(platform.keptLines);
    this.stopped = this.run();
  }

  /** What it has printed, the last lines of it. */
  get log(): string[] {
    return this.lines.all();
  }

  get target(): Target {
    return { id: this.order.address, port: this.order.definition.port, zone: this.order.zone };
  }

  describe(): TaskDescription {
    const { order, cause, container } = this;
    return {
      arn: this.arn,
      taskDefinition: order.definition.arn,
      startedBy: order.startedBy,
      lastStatus: this.status,
      desiredStatus: cause ? 'STOPPED' : 'RUNNING',
      healthStatus: container?.healthStatus ?? 'UNKNOWN',
      address: order.address,
      zone: order.zone,
      stopCode: cause?.code ?? null,
      stoppedReason: cause?.reason ?? null,
      exitCode: container?.exitCode ?? null,
      createdAt: this.createdAt,
      ...this.times,
      version: this.version,
      containerArn: this.containerArn,
    };
  }

  /** Deregisters it, then SIGTERM, then SIGKILL. The first cause counts. Resolves when it is STOPPED. */
  stop(cause: StopCause): Promise<void> {
    if (!this.cause) {
      this.cause = cause;
      this.note('stop requested', { stopCode: cause.code, stoppedReason: cause.reason });
      this.stopping.abort();
    }
    return this.stopped;
  }

  /** To the process of its container, if there is one. */
  signal(signal: NodeJS.Signals): void {
    this.note('signal', { signal });
    this.container?.signal(signal);
  }

  private async run(): Promise<void> {
    const either = AbortSignal.any([this.stopping.signal, this.platform.ended]);
    try {
      await this.bringUp(either);
    } catch (error) {
      if (!(error instanceof NotStarted)) throw error;
      void this.stop(error.stop);
    }
    await aborted(either);
    this.cause ??= REHEARSAL_ENDED;
    await this.windDown();
  }

  private async bringUp(stop: AbortSignal): Promise<void> {
    const { delays, clock } = this.platform;
    const { zone, address, startedBy, definition, group } = this.order;
    this.enter('PROVISIONING', { zone, address, startedBy, taskDefinition: definition.arn });
    await pause(clock.seconds(delays.provisioningMs), stop);
    if (stop.aborted) return;
    this.enter('PENDING');
    this.times.pullStartedAt = new Date();
    const container = this.launch(await this.prepare());
    await Promise.all([pause(clock.seconds(delays.pullMs), stop), this.booted(container, stop)]);
    if (stop.aborted) return;
    this.times.pullStoppedAt = new Date();
    container.begin(stop);
    this.enter('ACTIVATING');
    void container.exited.then(() => this.stop(CONTAINER_EXITED));
    // In this state a task gets into its target group, after it was launched: see the page of the lifecycle.
    group.register(this.target);
    this.isTarget = true;
    await pause(clock.seconds(delays.activatingMs), stop);
    if (stop.aborted) return;
    this.times.startedAt = new Date();
    this.enter('RUNNING');
  }

  /** Secrets are read before the container starts: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
  private async prepare(): Promise<Program> {
    const { platform } = this;
    const { definition, address } = this.order;
    const secrets = await readSecrets(definition, platform.secrets).catch((error: unknown) => {
      throw new NotStarted(secretsNotPulled(error instanceof Error ? error.message : String(error)));
    });
    const image = platform.images(definition.image);
    if (!image) throw new NotStarted(imageNotPulled(definition.image));
    const metadataUrl = platform.metadata.serve(this.containerId, () => this.metadataFacts());
    const { region, environment: extra } = platform;
    const env = environmentOf({ image, definition, secrets, address, metadataUrl, region, extra });
    return { command: programOf(image, definition), cwd: image.folder, env, image };
  }

  /** The program starts, while its image would still be pulled: see TaskDelays.bootMs. */
  private launch(program: Program): ContainerRun {
    const { address } = this.order;
    const events = {
      onLine: (text: string, stream: TaskLine['stream']) => {
        this.lines.add(text);
        this.onLine({ taskArn: this.arn, address, stream, text });
      },
      onHealth: (status: string, output: string) => this.note('container health', { status, output }),
    };
    this.container = new ContainerRun(program, this.order, this.platform, events);
    return this.container;
  }

  /** Resolves when the program accepts connections or has ended, and after TaskDelays.bootMs at the latest. */
  private async booted(container: ContainerRun, stop: AbortSignal): Promise<void> {
    const { address, definition } = this.order;
    const over = new AbortController();
    const limit = AbortSignal.any([stop, over.signal]);
    await Promise.race([listens(address, definition.port, limit), container.exited, pause(this.platform.delays.bootMs, limit)]);
    over.abort();
  }

  private async windDown(): Promise<void> {
    const { clock, ended, delays, metadata } = this.platform;
    if (this.isTarget) await this.deregister();
    if (this.container) {
      this.times.stoppingAt = new Date();
      this.enter('STOPPING');
      if (await this.container.stop()) this.note('SIGKILL', { stopTimeoutMs: this.order.definition.stopTimeoutMs });
    }
    this.enter('DEPROVISIONING');
    await pause(clock.seconds(delays.deprovisioningMs), ended);
    metadata.forget(this.containerId);
    this.times.stoppedAt = new Date();
    const { stopCode, stoppedReason, exitCode } = this.describe();
    this.enter('STOPPED', { stopCode, stoppedReason, exitCode });
  }

  /**
   * SIGTERM waits until the target is deregistered: see the page of the lifecycle, state DEACTIVATING.
   * Assumption: nobody waits for a container that has ended.
   */
  private async deregister(): Promise<void> {
    this.enter('DEACTIVATING');
    const { group } = this.order;
    const gone = group.deregister(this.target).catch((error: unknown) => this.note('not deregistered', { error: String(error) }));
    const done = new AbortController();
    await Promise.race([gone, this.container!.exited, aborted(AbortSignal.any([done.signal, this.platform.ended]))]);
    done.abort();
  }

  private metadataFacts(): MetadataFacts {
    const { cluster, service } = this.platform;
    return {
      task: this.describe(),
      definition: this.order.definition,
      clusterArn: ecsArn(this.platform, `cluster/${cluster}`),
      service,
      containerId: this.containerId,
      containerArn: this.containerArn,
      createdAt: this.createdAt,
      ...this.times,
      containerStartedAt: this.container?.startedAt ?? null,
      health: this.container?.healthFacts ?? null,
    };
  }

  private enter(status: TaskView['lastStatus'], facts: Record<string, unknown> = {}): void {
    this.status = status;
    this.version++;
    this.note(status, facts);
  }

  private note(event: string, facts: Record<string, unknown> = {}): void {
    this.platform.journal.note('ecs', this.arn, event, facts);
  }
}
