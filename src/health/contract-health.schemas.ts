import { z } from 'zod';

const health = z.object({ status: z.enum(['ok', 'error']) });

/** The health of each dependency. */
export const healthOut = z.object({ database: health, queue: health, cache: health }).meta({ id: 'HealthOut' });
export type HealthOut = z.output<typeof healthOut>;
