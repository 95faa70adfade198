import { Condition } from '../async/condition.js';

/** So many pollers always receive: while one handles what it received, the other receives. */
const MIN_POLLERS = 2;
/** So many receive while the queue has more than they can take: a round of receive, handle and delete at SQS takes some 30 ms. */
export const MAX_POLLERS = 10;

/** Says how many pollers receive: twice as many after each receive that brought all that it asked for, the fewest after any other. */
export class Backlog {
  private active = MIN_POLLERS;
  private readonly changed = new Condition();

  /** Resolves when the poller with this number, counted from 0, may receive; or when `stop` is aborted. */
  turnOf(poller: number, stop: AbortSignal): Promise<void> {
    return this.changed.until(() => poller < this.active, stop);
  }

  /** A receive asked for so many messages, and brought so many. */
  received(asked: number, messages: number): void {
    this.active = messages < asked ? MIN_POLLERS : Math.min(MAX_POLLERS, this.active * 2);
    this.changed.changed();
  }
}
