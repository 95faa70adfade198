import { Module, type Provider } from '@nestjs/common';
import { IngestModule } from '../ingest/ingest.module.js';
import { AppUsage } from './app-usage.js';
import { BulkReplay } from './bulk-replay.js';
import { EventTypeUsage } from './event-type-usage.js';
import { PurgeContent } from './purge-content.js';
import { Recover } from './recover.js';
import { ReplayMissing } from './replay-missing.js';
import { ReplayTarget } from './replay-target.js';
import type { TaskKind } from './task-kinds.js';
import { TaskRunner } from './task-runner.js';
import { TASK_KINDS, TaskWork } from './task-work.js';

const KINDS = [Recover, ReplayMissing, BulkReplay, PurgeContent, AppUsage, EventTypeUsage];

const kinds: Provider = { provide: TASK_KINDS, inject: KINDS, useFactory: (...all: TaskKind[]) => all };

/** Background tasks. Part of the worker's role: the API stores the tasks in the database, and workers find them there. */
@Module({ imports: [IngestModule], providers: [...KINDS, kinds, ReplayTarget, TaskWork, TaskRunner] })
export class BackgroundModule {}
