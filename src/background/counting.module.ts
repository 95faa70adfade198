import { Module } from '@nestjs/common';
import { AttemptBackfill } from './attempt-backfill.js';
import { AttemptCounter } from './attempt-counter.js';
import { CountRetention } from './count-retention.js';
import { CountSweep } from './count-sweep.js';

/** Counts attempts for charts. Part of the worker's role. */
@Module({ providers: [CountSweep, AttemptCounter, AttemptBackfill, CountRetention] })
export class CountingModule {}
