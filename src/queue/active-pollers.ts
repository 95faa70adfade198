import { Condition } from '../async/condition.js';

/** So many pollers always receive: while one handles what it received, the other receives. */
const MIN_POLLERS = 2;
/** The most that receive while the queue has a backlog. One round of receive, handle and delete at SQS takes some 30 ms. */
export const MAX_POLLERS = 10;

/** Decides how many pollers receive: their number doubles after each full receive, and falls to the minimum after any other. */
export class ActivePollers {
  private count = MIN_POLLERS;
  private readonly changed = new Condition();

  /**
   * Resolves when this poller may receive, or when `stop` is aborted.
   *
   * @param poller its number, from 0
   */
  waitForTurn(poller: number, stop: AbortSignal): Promise<void> {
    return this.changed.until(() => poller < this.count, stop);
  }

  /** A receive has ended: how many messages it asked for, and how many it got. */
  receiveEnded(requested: number, received: number): void {
    this.count = received < requested ? MIN_POLLERS : Math.min(MAX_POLLERS, this.count * 2);
    this.changed.changed();
  }
}
