import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Loop } from '../async/loop.js';
import { Database } from '../database/database.js';
import { MessageKeyRepository } from '../database/repositories/message-key.repository.js';
import { Log } from '../observability/log.js';
import { ReleaseGate } from '../release/release-gate.js';
import { gatedLoop } from './gated-loop.js';

const EVERY_MS = 60_000;
/** Rows of one short transaction. If there are more, the next transaction follows at once. */
const ROWS = 1_000;

/**
 * Removes the idempotency keys of messages that have expired: ten minutes after the message, or twelve hours. Several processes may do
 * this at the same time: one waits for the rows of another, and finds them gone. If the process dies, the next turn removes the rest.
 */
@Injectable()
export class KeyExpiry implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;

  constructor(
    private readonly database: Database,
    private readonly keys: MessageKeyRepository,
    gate: ReleaseGate,
    log: Log,
  ) {
    this.loop = gatedLoop({ name: 'key_expiry', everyMs: EVERY_MS, turn: () => this.turn() }, gate, log);
  }

  onApplicationBootstrap(): void {
    void this.database.ready.then(() => this.loop.start());
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.loop.stop();
  }

  /** Removes some keys; true if there are more. */
  async turn(): Promise<boolean> {
    return (await this.keys.removeExpired(ROWS)) === ROWS;
  }
}
