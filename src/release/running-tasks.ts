import { Injectable } from '@nestjs/common';

/**
 * Knows how many processes share the requests of this installation. The number is that of the last read, every ten seconds: see TaskHealth.
 * While the database is away, the last number stays. Before the first read it is one.
 */
@Injectable()
export class RunningTasks {
  private known = 1;

  /** How many processes serve the API and get a part of its traffic, this one included. At least one. */
  count(): number {
    return this.known;
  }

  learn(count: number): void {
    this.known = Math.max(1, count);
  }
}
