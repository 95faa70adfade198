import { Injectable } from '@nestjs/common';
import { ReleaseGate } from '../release/release-gate.js';
import { Dispatcher } from './dispatcher.js';
import { LocalHandOff } from './local-hand-off.js';
import { Permits } from './permits.js';
import { Scanner } from './scanner.js';

/** What the worker starts and stops. */
@Injectable()
export class WorkerRooms {
  constructor(
    readonly gate: ReleaseGate,
    readonly permits: Permits,
    readonly intake: Dispatcher,
    readonly handOff: LocalHandOff,
    readonly scanner: Scanner,
  ) {}
}
