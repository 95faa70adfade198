import { App } from 'aws-cdk-lib';
import { optionsFrom, type Options } from '../../lib/options.ts';
import { namesOf } from '../../lib/settings.ts';
import { templatesOf, type Context, type Resource } from '../support/synth.ts';
import type { Facts } from './needs.ts';

/** Stand for the account and region of a stack that has none of its own. */
const HERE = { account: 'ACCOUNT', region: 'REGION' };

export interface StackOf {
  /** `data`, `service`, `registry`, `artifacts` or `pipeline`. */
  kind: string;
  facts: Facts;
  resources: Record<string, Resource>;
  /** Writes a value with references as a text. */
  text: (value: unknown) => string;
}

/** Every stack that these options make, with what the tables are filled with. */
export function stacksFor(context: Context): Record<string, StackOf> {
  const options = optionsFrom(new App({ context: { size: 'small', repository: 'acme/posthorn', ...context } }).node);
  const templates = Object.entries(templatesOf(context)).map(([stack, template]) => {
    const { Resources, Outputs = {} } = template.toJSON() as { Resources: Record<string, Resource>; Outputs?: any };
    return { stack, Resources, Outputs: Object.values(Outputs) as { Export?: { Name: string }; Value: unknown }[] };
  });
  const exported: Record<string, () => string> = {};
  const found = templates.map(({ stack, Resources, Outputs }): [string, StackOf] => {
    const { kind, facts } = placeOf(stack, options);
    const text = (value: unknown) => written(value, { resources: Resources, facts, exported });
    for (const { Export, Value } of Outputs) if (Export) exported[Export.Name] = () => text(Value);
    return [stack, { kind, facts, resources: Resources, text }];
  });
  return Object.fromEntries(found);
}

function placeOf(stack: string, options: Options): { kind: string; facts: Facts } {
  const tools = { name: options.name, ...(options.place ?? HERE) };
  const environments = options.environments.map(({ name, place }) => ({ name, ...(place ?? HERE) }));
  const foreign = [...new Set(environments.map(({ account }) => account))].filter((account) => account !== tools.account);
  const own = options.environments.find(({ name }) => [namesOf(name).stacks.data, namesOf(name).stacks.service].includes(stack));
  const kind = own
    ? stack.slice(own.name.length + 1)
    : /^(registry|artifacts|pipeline)/.exec(stack.slice(options.name.length + 1))![1]!;
  const elsewhere = /-artifacts-(.+)$/.exec(stack)?.[1];
  const facts: Facts = {
    name: own?.name ?? options.name,
    place: own ? (own.place ?? HERE) : { account: tools.account, region: elsewhere ?? tools.region },
    tools,
    environments,
    foreign,
    deploymentConfig: own?.deploymentConfig ?? '',
    connection: options.connectionArn ?? '[PipelineConnection.ConnectionArn]',
    kmsKey: own?.kmsKeyArn ?? '',
    has: {
      ownVpc: own?.vpc === null,
      proxy: own?.databaseProxy ?? false,
      kms: Boolean(own?.kmsKeyArn),
      verify: own?.verify ?? false,
      syntheticTraffic: Boolean(own?.syntheticTraffic),
      approval: options.approveInfrastructure || options.environments.some(({ approval }) => approval),
      foreign: foreign.length > 0,
    },
  };
  return { kind, facts };
}

interface Known {
  resources: Record<string, Resource>;
  facts: Facts;
  exported: Record<string, () => string>;
}

/** A logical id without the hash behind it, and without the name of a stack inside. */
export function plainId(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

function written(value: unknown, known: Known): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => written(part, known)).join(',');
  const [[name, argument]] = Object.entries(value as object) as [[string, any]];
  if (name === 'Fn::Join') return argument[1].map((part: unknown) => written(part, known)).join(argument[0]);
  if (name === 'Fn::ImportValue') return known.exported[argument]!();
  if (name === 'Ref') return reference(argument, known);
  if (name === 'Fn::GetAtt') return attribute(argument[0], argument[1], known);
  if (name === 'Fn::Sub') return String(argument).replaceAll(/\$\{([\w:]+)\}/g, (_all, id: string) => reference(id, known));
  if (name === 'Fn::Select') return `one of ${written(argument[1], known)}`;
  throw new Error(`a policy has ${name}, which this test does not write: ${JSON.stringify(value)}`);
}

function reference(id: string, known: Known): string {
  const { place } = known.facts;
  const pseudo: Record<string, string> = {
    'AWS::Partition': 'aws',
    'AWS::Region': place.region,
    'AWS::AccountId': place.account,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const { Type, Properties } = known.resources[id] ?? {};
  if (Type === 'AWS::SNS::Topic') return `arn:aws:sns:${place.region}:${place.account}:${Properties.TopicName}`;
  if (Type === 'AWS::SecretsManager::Secret')
    return `arn:aws:secretsmanager:${place.region}:${place.account}:secret:${Properties.Name}-??????`;
  return pseudo[id] ?? `[${plainId(id)}]`;
}

function attribute(id: string, name: string, known: Known): string {
  const { Type, Properties } = known.resources[id]!;
  const { region, account } = known.facts.place;
  const arns: Record<string, string | undefined> = {
    'AWS::SQS::Queue': Properties.QueueName && `arn:aws:sqs:${region}:${account}:${Properties.QueueName}`,
    'AWS::Logs::LogGroup': Properties.LogGroupName && `arn:aws:logs:${region}:${account}:log-group:${Properties.LogGroupName}:*`,
    'AWS::CodeBuild::Project': `arn:aws:codebuild:${region}:${account}:project/${Properties.Name}`,
    'AWS::S3::Bucket': `arn:aws:s3:::${Properties.BucketName ? written(Properties.BucketName, known) : `[${plainId(id)}]`}`,
    'AWS::Lambda::Function': Properties.FunctionName && `arn:aws:lambda:${region}:${account}:function:${Properties.FunctionName}`,
    'AWS::IAM::Role': `role [${plainId(id)}]`,
  };
  return (name === 'Arn' && arns[Type]) || `[${plainId(id)}.${name}]`;
}
