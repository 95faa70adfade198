import { z } from 'zod';
import { eventTypeIn } from '../event-type/event-type.schemas.js';

/** An exported environment. There are no settings here to import; connectors would be lost without a word, so there must be none. */
export const environmentIn = z.object({
  eventTypes: z.array(eventTypeIn).nullish(),
  connectors: z.array(z.unknown()).max(0, 'Connectors are not supported here: leave them out').nullish(),
});

export type EnvironmentIn = z.output<typeof environmentIn>;
