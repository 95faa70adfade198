interface Waiter {
  isMet(): boolean;
  resolve(): void;
}

/** Lets callers wait for a state that others change. Whoever changes it calls `changed`. Nothing is kept: waiters die with the process. */
export class Condition {
  private waiters: Waiter[] = [];

  /** The state has changed: whoever finds it as needed goes on. */
  changed(): void {
    const ready = this.waiters.filter(({ isMet }) => isMet());
    if (ready.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => !ready.includes(waiter));
    for (const { resolve } of ready) resolve();
  }

  /**
   * Resolves when `isMet` answers true, which it is asked now and after each change; or when `stop` is aborted. The state may have
   * changed again before the caller goes on.
   */
  until(isMet: () => boolean, stop?: AbortSignal): Promise<void> {
    if (isMet() || stop?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const onStop = () => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        resolve();
      };
      const waiter: Waiter = {
        isMet,
        resolve: () => {
          stop?.removeEventListener('abort', onStop);
          resolve();
        },
      };
      this.waiters.push(waiter);
      stop?.addEventListener('abort', onStop, { once: true });
    });
  }
}
