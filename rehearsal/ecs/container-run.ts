import type { TaskDefinition } from '../model.js';
import type { Image } from './container.js';
import { checkCommand, ContainerHealth, type HealthStatus } from './health-check.js';
import { probeOf } from './health-probe.js';
import { pause } from './pause.js';
import type { Platform } from './platform.js';
import { exitCode, type Exit, type OwnProcess } from './processes.js';

/** What is started: the program, where, and with which environment. */
export interface Program {
  command: string[];
  cwd: string;
  env: Record<string, string>;
  /** Where it is from. */
  image: Image;
}

export interface ContainerEvents {
  onLine(text: string, stream: 'stdout' | 'stderr'): void;
  onHealth(status: HealthStatus, output: string): void;
}

/** The one container of a task: its process, which starts at once, and the checks of its health. */
export class ContainerRun {
  /** When it began to run, as AWS would say; null before. */
  startedAt: Date | null = null;
  /** Resolves when its process has ended and its last line was handed over. */
  readonly exited: Promise<Exit>;
  private readonly platform: Platform;
  private readonly definition: TaskDefinition;
  private readonly process: OwnProcess;
  private readonly health: ContainerHealth | null;
  private readonly events: ContainerEvents;

  constructor(
    program: Program,
    { definition, address }: { definition: TaskDefinition; address: string },
    platform: Platform,
    events: ContainerEvents,
  ) {
    this.events = events;
    this.platform = platform;
    this.definition = definition;
    const onLine: ContainerEvents['onLine'] = (text, stream) => events.onLine(text, stream);
    this.process = platform.processes.start({ ...program, definition, onLine });
    this.exited = this.process.exited;
    const command = definition.healthCheck && checkCommand(definition.healthCheck.command);
    if (!definition.healthCheck || !command) {
      this.health = null;
      return;
    }
    const probe = probeOf(this.process, { ...program, command, address, port: definition.port });
    this.health = new ContainerHealth(definition.healthCheck, probe, platform.clock, platform.healthFloors);
  }

  /** It runs from now on, and its health is checked until `checked` aborts. */
  begin(checked: AbortSignal): void {
    this.startedAt = new Date();
    void this.health?.run(checked, (status, output) => this.events.onHealth(status, output));
  }

  get healthStatus(): HealthStatus {
    return this.health?.status ?? 'UNKNOWN';
  }

  get healthFacts(): ContainerHealth['facts'] | null {
    return this.health?.facts ?? null;
  }

  /** Null while it runs. */
  get exitCode(): number | null {
    const exit = this.process.exit();
    return exit && exitCode(exit);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /**
   * SIGTERM, and SIGKILL if it has not ended after its stopTimeout. Answers whether that was needed.
   * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
   */
  async stop(): Promise<boolean> {
    const { clock, ended } = this.platform;
    this.signal('SIGTERM');
    const done = new AbortController();
    const limit = AbortSignal.any([done.signal, ended]);
    await Promise.race([this.exited, pause(clock.seconds(this.definition.stopTimeoutMs), limit)]);
    done.abort();
    const late = this.exitCode === null;
    if (late) this.signal('SIGKILL');
    await this.exited;
    return late;
  }
}
