import { z } from 'zod';

const text = z.string().min(1);
const words = z.array(z.string(), { error: 'must be a list of words: text would be run by a shell' }).min(1);
const quoted = 'must be text or a number: put quotes around true, false and dates';

const duration = z
  .string()
  .regex(/^(\d+(ms|s|m|h))+$/, 'must be a time such as 2s or 1m30s')
  .optional();
const memory = z
  .string()
  .regex(/^\d+[kmg]b?$/i, 'must be an amount such as 512m')
  .optional();

const healthcheck = z.looseObject({
  test: words.optional(),
  interval: duration,
  timeout: duration,
  start_period: duration,
  retries: z.number().int().min(1).optional(),
  disable: z.boolean().optional(),
});

const service = z.looseObject({
  image: text.optional(),
  build: z.union([text, z.looseObject({ context: text, target: text.optional() })]).optional(),
  command: words.optional(),
  environment: z
    .record(z.string(), z.union([z.string(), z.number()], { error: quoted }), { error: 'must be a map, NAME: value' })
    .default({}),
  ports: z.array(z.string({ error: 'must be text, in quotes' })).default([]),
  volumes: z.array(z.string()).default([]),
  healthcheck: healthcheck.optional(),
  depends_on: z
    .record(text, z.looseObject({ condition: text }), {
      error: 'must be a map with a condition for each service: a list waits for nothing',
    })
    .default({}),
  profiles: z.array(text).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(text).default([]),
  tmpfs: z.array(text).default([]),
  stop_grace_period: duration,
  mem_limit: memory,
});

/** docker-compose.yml, as far as the rules look at it. Keys that none looks at are compose-rules.ts' concern. */
export const composeGrammar = z.looseObject({
  name: text,
  services: z.record(text, service),
  volumes: z.record(text, z.unknown()).default({}),
});

export type Compose = z.infer<typeof composeGrammar>;
export type Service = Compose['services'][string];

/** infra/pipeline/compose.yml: only which images. */
export const buildComposeGrammar = z.strictObject({
  services: z.record(text, z.strictObject({ image: text })),
});

export type BuildCompose = z.infer<typeof buildComposeGrammar>;
