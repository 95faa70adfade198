import { z } from 'zod';
import { MAX_LEVELS } from '../../domain/json-depth.js';
import { eventTypeOut } from '../event-type/event-type.schemas.js';
import { time } from '../http-support/answers.js';
import { listCheckedLater } from '../http-support/bounded.js';
import { nestedUpTo } from '../http-support/contract.pipe.js';

/** An event type is nested two levels deeper here than in the request that creates it. Every event type can be imported. */
const LEVELS = MAX_LEVELS + 2;
const MAX_IMPORTED = 20_000;

/** An exported environment. Settings are ignored. Connectors are refused, because they are not supported and would be lost silently. */
export const environmentIn = nestedUpTo(
  LEVELS,
  z
    .object({
      eventTypes: listCheckedLater('EventTypeIn', MAX_IMPORTED).nullish(),
      connectors: z.array(z.unknown()).max(0, 'Connectors are not supported by this server: leave them out').nullish(),
    })
    .meta({ id: 'EnvironmentIn' }),
);

/** The configuration of an environment. This server has no settings and no connectors. */
export const environmentOut = z
  .object({
    version: z.number().int(),
    createdAt: time,
    eventTypes: z.array(eventTypeOut),
    settings: z.null(),
    connectors: z.array(z.unknown()),
  })
  .meta({ id: 'EnvironmentOut' });

export type EnvironmentIn = z.output<typeof environmentIn>;
export type EnvironmentOut = z.output<typeof environmentOut>;
