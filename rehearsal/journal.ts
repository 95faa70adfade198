import type { Clock, Entry, Journal, Source } from './model.js';

/** Keeps all that happened, in order, and tells listeners. */
export class Book implements Journal {
  readonly entries: Entry[] = [];
  private readonly clock: Clock;
  private readonly listeners: ((entry: Entry) => void)[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  note(source: Source, subject: string, event: string, facts: Record<string, unknown> = {}): void {
    const entry = { at: this.clock.now(), source, subject, event, facts };
    this.entries.push(entry);
    for (const listener of this.listeners) listener(entry);
  }

  onEntry(listener: (entry: Entry) => void): void {
    this.listeners.push(listener);
  }

  /** The entries with this event, of any subject. */
  of(event: string): Entry[] {
    return this.entries.filter((entry) => entry.event === event);
  }
}
