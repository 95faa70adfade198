import { setTimeout as sleep } from 'node:timers/promises';

const AGAIN_MS = 100;

export interface SignalsOrder {
  /** Of the container. */
  name: string;
  /** Calls Docker's client. Answers whether it did what it was told. */
  docker(args: readonly string[]): Promise<boolean>;
  /** Whether the container has ended. */
  hasEnded(): boolean;
}

/**
 * Sends signals to a container, one after the other, as the kernel would send them to a process: also to one that Docker has not started
 * yet. SIGSTOP freezes all of its processes, since an init as process 1 would stop only itself. What a frozen process is sent waits for
 * SIGCONT, but SIGKILL; Docker itself would thaw a container to give it a signal.
 */
export class ContainerSignals {
  private readonly order: SignalsOrder;
  private last: Promise<void> = Promise.resolve();
  private isFrozen = false;
  private waiting: NodeJS.Signals[] = [];

  constructor(order: SignalsOrder) {
    this.order = order;
  }

  send(signal: NodeJS.Signals): void {
    this.last = this.last.then(() => this.deliver(signal));
  }

  private async deliver(signal: NodeJS.Signals): Promise<void> {
    const { name } = this.order;
    if (signal === 'SIGSTOP') return this.freeze();
    if (signal === 'SIGCONT') return this.thaw();
    if (this.isFrozen && signal !== 'SIGKILL') return void this.waiting.push(signal);
    await this.tell(['kill', `--signal=${signal}`, name]);
  }

  private async freeze(): Promise<void> {
    if (this.isFrozen) return;
    await this.tell(['pause', this.order.name]);
    this.isFrozen = true;
  }

  private async thaw(): Promise<void> {
    if (!this.isFrozen) return;
    await this.tell(['unpause', this.order.name]);
    this.isFrozen = false;
    for (const signal of this.waiting.splice(0)) await this.deliver(signal);
  }

  /** Until Docker has done it, or there is nobody left to do it to. */
  private async tell(args: readonly string[]): Promise<void> {
    while (!this.order.hasEnded()) {
      if (await this.order.docker(args)) return;
      await sleep(AGAIN_MS);
    }
  }
}
