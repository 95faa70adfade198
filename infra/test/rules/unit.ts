import type { EnvironmentOptions } from '../../lib/environment-options.ts';
import type { Options } from '../../lib/options.ts';
import { sizes, type Size } from '../../lib/sizes.ts';
import { plain, shortId } from './plain.ts';

export interface RawTemplate {
  Resources: Record<string, RawResource>;
  Outputs?: Record<string, { Value: unknown; Description?: string; Export?: { Name: string } }>;
}

export interface RawResource {
  Type: string;
  Properties?: any;
  DependsOn?: string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The stacks that are judged together, and what they were made with. */
export interface Unit {
  kind: 'registry' | 'artifacts' | 'environment' | 'pipeline';
  /** Names of its stacks. */
  stacks: string[];
  /** Prefix of its names. */
  name: string;
  options: Options;
  /** Of an environment. */
  environment: EnvironmentOptions;
  size: Size;
  /** The region of the stack, or that of the credentials. */
  region: string;
  account: string;
  /** By short id, with plain values. */
  resources: Record<string, RawResource>;
  /** Outputs for people. */
  outputs: Record<string, { Value: unknown; Description?: string }>;
}

/** The units of an app: each environment with its data and service together, every other stack for itself. */
export function unitsOf(templates: Record<string, RawTemplate>, options: Options): Unit[] {
  const exported = new Map(
    Object.values(templates)
      .flatMap(({ Outputs = {} }) => Object.values(Outputs))
      .flatMap(({ Export, Value }) => (Export ? [[Export.Name, Value] as const] : [])),
  );
  const unit = (kind: Unit['kind'], stacks: string[], environment = options.environments[0]!, place = options.place): Unit => {
    const parts = stacks.map((stack) => {
      const template = templates[stack];
      if (!template) throw new Error(`the stack ${stack} is not there`);
      return template;
    });
    return {
      kind,
      stacks,
      name: kind === 'environment' ? environment.name : options.name,
      options,
      environment,
      size: sizes[environment.size],
      region: place?.region ?? '${Region}',
      account: place?.account ?? '${AccountId}',
      resources: Object.assign({}, ...parts.map((part) => resourcesOf(part, exported))),
      outputs: Object.assign({}, ...parts.map((part) => outputsOf(part, exported))),
    };
  };
  const regions = new Set([options.place, ...options.environments.map(({ place }) => place)].map((place) => place?.region));
  return [
    ...(options.kept ? [] : [unit('registry', [`${options.name}-registry`])]),
    ...[...regions].map((region) => {
      const place = options.place && region ? { ...options.place, region } : null;
      const suffix = region === options.place?.region ? '' : `-${region}`;
      return unit('artifacts', [`${options.name}-artifacts${suffix}`], undefined, place);
    }),
    ...options.environments.map((environment) =>
      unit('environment', [`${environment.name}-data`, `${environment.name}-service`], environment, environment.place),
    ),
    unit('pipeline', [`${options.name}-pipeline`]),
  ];
}

function resourcesOf({ Resources }: RawTemplate, exported: ReadonlyMap<string, unknown>): Record<string, RawResource> {
  const found: Record<string, RawResource> = {};
  for (const [id, { Properties = {}, DependsOn, ...rest }] of Object.entries(Resources)) {
    const short = shortId(id);
    if (found[short]) throw new Error(`two resources are called ${short}`);
    found[short] = {
      ...rest,
      Properties: plain(Properties, exported),
      ...(DependsOn ? { DependsOn: [DependsOn].flat().map(shortId) } : {}),
    };
  }
  return found;
}

function outputsOf({ Outputs = {} }: RawTemplate, exported: ReadonlyMap<string, unknown>): Unit['outputs'] {
  const own = Object.entries(Outputs).filter(([, { Export }]) => !Export);
  return Object.fromEntries(own.map(([name, output]) => [name, plain(output, exported) as Unit['outputs'][string]]));
}

/** ARN of something in the unit's own account and region. */
export function arn(service: string, resource: string): string {
  return `arn:\${Partition}:${service}:\${Region}:\${AccountId}:${resource}`;
}

/** ARN by which resources and policies name a secret; it is a reference unless an earlier installation left the secret. */
export function secret({ environment, name }: Unit, id: string, secretName: string): string {
  return environment.kept ? arn('secretsmanager', `secret:${name}/${secretName}`) : `\${Secrets${id}}`;
}

/** Ids of the subnets of a kind, one for each zone. */
export function subnets({ environment: { vpc, zones } }: Unit, kind: 'public' | 'tasks' | 'data'): string[] {
  if (vpc) return { public: vpc.publicSubnets, tasks: vpc.taskSubnets, data: vpc.dataSubnets }[kind];
  return Array.from({ length: zones }, (_none, at) => `\${NetworkVpc${kind}Subnet${at + 1}Subnet}`);
}

export function vpcId({ environment: { vpc } }: Unit): string {
  return vpc?.id ?? '${NetworkVpc}';
}

/** Ports of the two listeners. */
export function ports({ environment: { domain } }: Unit): { production: number; test: number } {
  return domain ? { production: 443, test: 8443 } : { production: 80, test: 8080 };
}

/** What the two listeners are reached by. */
export function urls(unit: Unit): { production: string; test: string } {
  const { domain } = unit.environment;
  const { production, test } = ports(unit);
  const base = domain ? `https://${domain.name}` : 'http://${TrafficLoadBalancer.DNSName}';
  return { production: `${base}:${production}`, test: `${base}:${test}` };
}
