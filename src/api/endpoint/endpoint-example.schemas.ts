import { z } from 'zod';
import { eventTypeName } from '../http-support/schemas.js';

/** Which example is sent: the event type, and the position in its list of examples. */
export const exampleIn = z
  .object({ eventType: eventTypeName, exampleIndex: z.number().int().min(0).max(100_000).nullish() })
  .meta({ id: 'EventExampleIn' });

export type ExampleIn = z.output<typeof exampleIn>;
