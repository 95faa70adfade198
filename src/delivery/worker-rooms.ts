import { Injectable } from '@nestjs/common';
import { EngineStore } from '../database/engine-store.js';
import { Intake } from './intake.js';
import { LocalHandOff } from './local-hand-off.js';
import { Permits } from './permits.js';
import { Scanner } from './scanner.js';

/** What the worker starts and stops. */
@Injectable()
export class WorkerRooms {
  constructor(
    readonly store: EngineStore,
    readonly permits: Permits,
    readonly intake: Intake,
    readonly handOff: LocalHandOff,
    readonly scanner: Scanner,
  ) {}
}
