import { z } from 'zod';
import { MAX_LEVELS } from '../../domain/json-depth.js';
import { eventTypeIn, eventTypeOut } from '../event-type/event-type.schemas.js';
import { time } from '../http-support/answers.js';
import { nestedUpTo } from '../http-support/contract.pipe.js';

/** An event type lies two levels deeper here than where it is made: whatever can be made can be exported and imported. */
const LEVELS = MAX_LEVELS + 2;

/** An exported environment. There are no settings here to import; connectors would be lost without a word, so there must be none. */
export const environmentIn = nestedUpTo(
  LEVELS,
  z
    .object({
      eventTypes: z.array(eventTypeIn).nullish(),
      connectors: z.array(z.unknown()).max(0, 'Connectors are not supported here: leave them out').nullish(),
    })
    .meta({ id: 'EnvironmentIn' }),
);

/** Everything that an environment consists of here. */
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
