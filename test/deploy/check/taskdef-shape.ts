import { z } from 'zod';

const text = z.string().min(1);
const whole = (min: number, max: number) =>
  z
    .number()
    .int()
    .refine((value) => value >= min && value <= max, `must be from ${min} to ${max} on Fargate`);

const pair = z.looseObject({ name: text, value: z.string() });
const secret = z.looseObject({ name: text, valueFrom: text });

const healthCheck = z.looseObject({
  command: z.array(text).min(2),
  interval: whole(5, 300).default(30),
  timeout: whole(2, 60).default(5),
  retries: whole(1, 10).default(3),
  startPeriod: whole(0, 300).default(0),
});

const container = z.looseObject({
  name: text,
  image: text,
  essential: z.boolean().default(true),
  user: text.optional(),
  portMappings: z
    .array(z.looseObject({ containerPort: whole(1, 65_535), hostPort: z.number().optional(), protocol: z.string().optional() }))
    .default([]),
  environment: z.array(pair).default([]),
  secrets: z.array(secret).default([]),
  mountPoints: z.array(z.looseObject({ sourceVolume: text, containerPath: text, readOnly: z.boolean().optional() })).default([]),
  stopTimeout: whole(2, 120).default(30),
  readonlyRootFilesystem: z.boolean().default(false),
  linuxParameters: z
    .looseObject({
      initProcessEnabled: z.boolean().default(false),
      capabilities: z
        .looseObject({ add: z.array(text).default([]), drop: z.array(text).default([]) })
        .default({ add: [], drop: [] }),
    })
    .default({ initProcessEnabled: false, capabilities: { add: [], drop: [] } }),
  logConfiguration: z
    .looseObject({ logDriver: text, options: z.record(z.string(), z.string()).default({}) })
    .default({ logDriver: '', options: {} }),
  healthCheck: healthCheck.optional(),
});

/**
 * What a task definition for Fargate must be beyond the SDK's model: ranges, and what is required there. Keys that are not named
 * here are the concern of the model and of taskdef-keys.ts.
 */
export const taskdefShape = z.looseObject({
  family: text,
  networkMode: z.literal('awsvpc', { error: 'must be awsvpc on Fargate' }),
  requiresCompatibilities: z.array(text).refine((names) => names.includes('FARGATE'), 'must name FARGATE'),
  cpu: text,
  memory: text,
  executionRoleArn: text,
  taskRoleArn: text,
  runtimePlatform: z.looseObject({
    cpuArchitecture: z.enum(['ARM64', 'X86_64']),
    operatingSystemFamily: z.literal('LINUX', { error: 'must be LINUX: the image is' }),
  }),
  containerDefinitions: z.array(container).min(1),
  volumes: z.array(z.looseObject({ name: text, host: z.unknown().optional() })).default([]),
});

export type Taskdef = z.infer<typeof taskdefShape>;
export type Container = Taskdef['containerDefinitions'][number];

const GIB = 1024;
const steps = (from: number, to: number, step: number) =>
  Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);

/** Memory in MiB that Fargate gives to each number of CPU units. */
export const FARGATE_MEMORY: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, GIB, 2 * GIB]],
  [512, steps(GIB, 4 * GIB, GIB)],
  [1024, steps(2 * GIB, 8 * GIB, GIB)],
  [2048, steps(4 * GIB, 16 * GIB, GIB)],
  [4096, steps(8 * GIB, 30 * GIB, GIB)],
  [8192, steps(16 * GIB, 60 * GIB, 4 * GIB)],
  [16_384, steps(32 * GIB, 120 * GIB, 8 * GIB)],
]);

/** What is wrong with a size, and with which of its numbers; undefined if Fargate has it. */
export function sizeFault(cpu: number, memory: number): { of: 'cpu' | 'memory'; message: string } | undefined {
  const fitting = FARGATE_MEMORY.get(cpu);
  if (!fitting) {
    const all = [...FARGATE_MEMORY.keys()].join(', ');
    return { of: 'cpu', message: `make cpu one of ${all}: Fargate has no size with ${cpu}` };
  }
  if (fitting.includes(memory)) return undefined;
  const message = `make memory one of ${fitting.join(', ')} MiB: Fargate gives no other to cpu ${cpu}, so not ${memory}`;
  return { of: 'memory', message };
}
