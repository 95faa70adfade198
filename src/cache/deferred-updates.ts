/** At most so many updates, with so many characters together, are remembered. Further ones are dropped. */
const MAX_UPDATES = 10_000;
const MAX_CHARS = 16 * 1024 * 1024;
/** Locks live for a minute. An older update would find no lock any more. */
const MAX_AGE_MS = 60_000;

interface Update {
  send: () => Promise<unknown>;
  chars: number;
  addedAt: number;
}

/**
 * Updates of locks that a cache could not be sent while it was away. They are sent when it is back. Otherwise the lock would stay until
 * it expires, and a repeated request would wait for it all that time. If the process dies, its updates are lost and the locks expire.
 */
export class DeferredUpdates {
  private updates: Update[] = [];
  private chars = 0;

  /** `send` must do no harm when it is late or runs twice; `chars`: roughly the size of what it sends. */
  add(send: () => Promise<unknown>, chars: number): void {
    if (this.updates.length >= MAX_UPDATES || this.chars + chars > MAX_CHARS) return;
    this.updates.push({ send, chars, addedAt: performance.now() });
    this.chars += chars;
  }

  /** Sends all updates, each once. Does not wait for the answers. Never throws. */
  sendAll(): void {
    const all = this.updates;
    this.updates = [];
    this.chars = 0;
    const oldest = performance.now() - MAX_AGE_MS;
    for (const { send, addedAt } of all) if (addedAt >= oldest) void send().catch(() => undefined);
  }
}
