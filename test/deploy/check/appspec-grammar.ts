import { z } from 'zod';

/** The life-cycle events of an ECS deployment that can have a hook, in their order. */
export const HOOKS = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const;

const text = z.string().min(1);

const networkConfiguration = z.strictObject({
  AwsvpcConfiguration: z.strictObject({
    Subnets: z.array(text).min(1),
    SecurityGroups: z.array(text).min(1),
    AssignPublicIp: z.enum(['ENABLED', 'DISABLED']),
  }),
});

const capacityProvider = z.strictObject({
  Base: z.number().int().min(0).optional(),
  CapacityProvider: text,
  Weight: z.number().int().min(0).optional(),
});

const targetService = z.strictObject({
  Type: z.literal('AWS::ECS::Service', { error: 'must be AWS::ECS::Service' }),
  Properties: z.strictObject({
    TaskDefinition: text,
    LoadBalancerInfo: z.strictObject({
      ContainerName: text,
      ContainerPort: z.number({ error: 'must be a number, without quotes' }).int(),
    }),
    PlatformVersion: text.optional(),
    NetworkConfiguration: networkConfiguration.optional(),
    CapacityProviderStrategy: z.array(capacityProvider).optional(),
  }),
});

const hook = z
  .strictObject(Object.fromEntries(HOOKS.map((name) => [name, text.optional()])))
  .refine((entry) => Object.keys(entry).length === 1, 'must have one event, and its function, in each item of the list');

/** The AppSpec file of an ECS deployment, as far as AWS documents it. */
export const appspecGrammar = z.strictObject({
  version: z.literal(0, { error: 'must be 0.0, the only version there is' }),
  Resources: z.array(z.strictObject({ TargetService: targetService })).length(1, 'must be a list of one TargetService'),
  Hooks: z.array(hook, { error: 'must be a list, with a dash before each event' }).optional(),
});

export type Appspec = z.infer<typeof appspecGrammar>;
