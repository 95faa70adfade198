import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { isReady, startProcess, type Build, type ProcessOptions, type RunningProcess } from '../../support/process.js';
import { until } from '../../support/until.js';
import type { ExitRecord } from '../records.js';

const CLOCK = pathToFileURL(join(import.meta.dirname, 'clock.mjs')).href;
const READY_MS = 60_000;

export interface SlotOptions {
  name: string;
  env: Record<string, string>;
  role?: ProcessOptions['role'];
  build?: Build;
  /** Where processes are noted that end although nobody told them to. */
  exits: ExitRecord[];
}

/** The place of one process of the service: it is killed, stopped and started again, and keeps its name, role and log. */
export class Slot {
  readonly name: string;
  readonly log: string[] = [];
  readonly isApi: boolean;
  /** The build before stated no time within which it answers. */
  readonly statesLimits: boolean;
  frozen = false;
  private readonly options: SlotOptions;
  private running: RunningProcess | null = null;
  /** Processes that were told to end. */
  private readonly told = new Set<RunningProcess>();

  constructor(options: SlotOptions) {
    this.options = options;
    this.name = options.name;
    this.isApi = options.role !== 'worker';
    this.statesLimits = options.build !== 'the build before';
  }

  get url(): string | null {
    return this.running?.url ?? null;
  }

  /** Returns at once; the process gets ready by itself. A skewed clock is wrong by `skewMs`. */
  async start(skewMs = 0): Promise<void> {
    const { env, role, build, exits, name } = this.options;
    const clock: Record<string, string> =
      skewMs === 0 ? {} : { NODE_OPTIONS: `--import=${CLOCK}`, CLOCK_SKEW_MS: String(skewMs) };
    const started = await startProcess({ ...env, ...clock }, { role, build, log: this.log, untilReady: false });
    this.running = started;
    const look = async () => {
      const { code, signal } = await started.exited;
      if (!this.told.has(started)) exits.push({ process: name, at: Date.now(), how: `code ${code}, signal ${signal}` });
    };
    void look();
  }

  async ready(): Promise<void> {
    await until(() => this.url !== null && isReady(this.url), READY_MS, `${this.name} to be ready`);
  }

  async kill(): Promise<void> {
    const running = this.end();
    await running?.kill();
  }

  /** SIGTERM, and the end: with 0, or by the signal itself if it was only starting, and nothing listened for signals yet. */
  async stop(): Promise<void> {
    const running = this.end();
    if (!running) return;
    const { code, signal } = await running.stop();
    if (code !== 0 && signal !== 'SIGTERM')
      this.options.exits.push({ process: this.name, at: Date.now(), how: `at SIGTERM with code ${code}, signal ${signal}` });
  }

  async freeze(): Promise<void> {
    this.frozen = true;
    await this.running?.kill('SIGSTOP');
  }

  async thaw(): Promise<void> {
    await this.running?.kill('SIGCONT');
    this.frozen = false;
  }

  private end(): RunningProcess | null {
    const { running } = this;
    if (running) this.told.add(running);
    this.running = null;
    this.frozen = false;
    return running;
  }
}
