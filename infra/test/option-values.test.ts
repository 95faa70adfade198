import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { ENVIRONMENT_OPTIONS } from '../lib/environment-options.ts';
import { optionsFrom } from '../lib/options.ts';
import { MAX_NAME_LENGTH } from '../lib/settings.ts';
import { EVERYTHING, INFRA, type Context } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

const optionsOf = (context: Context) =>
  optionsFrom(new App({ context: { size: 'small', repository: 'acme/posthorn', ...context } }).node);
const environmentOf = (context: Context) => optionsOf(context).environments[0]!;
const KMS_KEY = EVERYTHING.kmsKeyArn;
const { vpcId: VPC_ID, ...VPC } = VARIANTS['an existing VPC']!;
const ONE_ZONE = {
  vpcZones: 'eu-west-1a',
  ...Object.fromEntries(['public', 'task', 'data'].map((kind) => [`${kind}Subnets`, 'subnet-0a1b2c3d'])),
};

/** What the options say when nothing is given: whoever deploys without reading gets this. */
const DEFAULTS = {
  name: 'posthorn',
  place: null,
  repository: 'acme/posthorn',
  branch: 'main',
  connectionArn: null,
  alarmEmail: null,
  approveInfrastructure: true,
  scanSeverity: 'CRITICAL',
  kept: false,
  environments: [
    {
      name: 'posthorn',
      place: null,
      size: 'small',
      domain: null,
      alarmEmail: null,
      waf: null,
      syntheticTraffic: { requestsPerSecond: 5 },
      cpuScaling: 'target',
      databaseProxy: false,
      databaseSnapshot: null,
      kmsKeyArn: null,
      kept: false,
      zones: 3,
      vpc: null,
      internal: false,
      callers: [],
      deploymentConfig: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
      terminationWaitMinutes: 15,
      approval: false,
      verify: false,
      variables: {},
    },
  ],
};

describe('the options', () => {
  it('are these when nothing is given', () => {
    expect(optionsOf({})).toEqual(DEFAULTS);
  });

  it('of an environment may be each of those that are read, and those only', () => {
    const read = new Set<string>();
    const own = new Proxy({}, { ownKeys: () => [], get: (_target, name) => (read.add(String(name)), undefined) });
    optionsOf({ environments: [own] });
    expect([...ENVIRONMENT_OPTIONS].sort()).toEqual([...read].filter((name) => !/^(repository|toJSON)$/.test(name)).sort());
  });

  it.each<[Context, string, unknown]>([
    [{ name: 'a'.repeat(MAX_NAME_LENGTH) }, 'name', 'a'.repeat(20)],
    [{ name: 'abc' }, 'name', 'abc'],
    [{ waf: 'true' }, 'waf', { requestsPer5Minutes: 10_000 }],
    [{ waf: '5000' }, 'waf', { requestsPer5Minutes: 5000 }],
    [{ syntheticTraffic: 'false' }, 'syntheticTraffic', null],
    [{ syntheticTraffic: '50' }, 'syntheticTraffic', { requestsPerSecond: 50 }],
    [{ zones: '2' }, 'zones', 2],
    [{ terminationWaitMinutes: '0' }, 'terminationWaitMinutes', 0],
    [{ terminationWaitMinutes: '2880' }, 'terminationWaitMinutes', 2880],
    [{ cpuScaling: 'steps' }, 'cpuScaling', 'steps'],
    [{ databaseProxy: 'true' }, 'databaseProxy', true],
    [{ approval: true }, 'approval', true],
    [{ callers: '203.0.113.0/24, 198.51.100.0/24' }, 'callers', ['203.0.113.0/24', '198.51.100.0/24']],
    [{ callers: ['203.0.113.0/24'] }, 'callers', ['203.0.113.0/24']],
    [{ domainName: 'a.example.com', hostedZoneId: 'Z1' }, 'domain', { name: 'a.example.com', zoneId: 'Z1' }],
    [{ variables: '{"LOG_LEVEL":"debug"}' }, 'variables', { LOG_LEVEL: 'debug' }],
    [{ variables: { PUBLIC_URL: 'https://hooks.acme.example' } }, 'variables', { PUBLIC_URL: 'https://hooks.acme.example' }],
    [{ account: '1'.repeat(12), region: 'ap-southeast-1' }, 'place', { account: '1'.repeat(12), region: 'ap-southeast-1' }],
    [{ deploymentConfig: 'Mine.Linear-10' }, 'deploymentConfig', 'Mine.Linear-10'],
    [{ kmsKeyArn: KMS_KEY }, 'kmsKeyArn', KMS_KEY],
    [{ databaseSnapshot: 'rds:posthorn-2026' }, 'databaseSnapshot', 'rds:posthorn-2026'],
    [{ alarmEmail: 'ops@example.com' }, 'alarmEmail', 'ops@example.com'],
  ])('%j is taken', (context, option, value) => {
    expect(environmentOf(context)).toMatchObject({ [option]: value });
  });

  it.each<[Context, string, unknown]>([
    [{ approveInfrastructure: 'false' }, 'approveInfrastructure', false],
    [{ scanSeverity: 'NONE' }, 'scanSeverity', 'NONE'],
    [{ branch: 'release' }, 'branch', 'release'],
    [{ kept: 'true' }, 'kept', true],
    [
      { connectionArn: 'arn:aws:codeconnections:eu-west-1:1:connection/a' },
      'connectionArn',
      'arn:aws:codeconnections:eu-west-1:1:connection/a',
    ],
  ])('%j is taken for the pipeline', (context, option, value) => {
    expect(optionsOf(context)).toMatchObject({ [option]: value });
  });

  it.each<[Context, RegExp]>([
    [{ name: 'a'.repeat(MAX_NAME_LENGTH + 1) }, /name must be/],
    [{ name: 'ab' }, /name must be/],
    [{ name: '1abc' }, /name must be/],
    [{ name: 'abc-' }, /name must be/],
    [{ name: 'a--b' }, /name must be/],
    [{ name: 'Abc' }, /name must be/],
    [{ name: 'a_b' }, /name must be/],
    [{ repository: 'posthorn' }, /repository must be/],
    [{ repository: 'https://github.com/acme/posthorn' }, /repository must be/],
    [{ size: 'toString' }, /size must be/],
    [{ zones: '4' }, /zones must be/],
    [{ zones: '1' }, /zones must be/],
    [{ waf: '0' }, /waf must be/],
    [{ waf: '1500' }, /waf must be above 1500/],
    [{ syntheticTraffic: '51' }, /syntheticTraffic must be/],
    [{ syntheticTraffic: '0' }, /syntheticTraffic must be/],
    [{ terminationWaitMinutes: '2881' }, /terminationWaitMinutes must be/],
    [{ terminationWaitMinutes: '-1' }, /terminationWaitMinutes must be/],
    [{ terminationWaitMinutes: '1.5' }, /terminationWaitMinutes must be/],
    [{ approval: 'yes' }, /approval must be true or false/],
    [{ verify: '1' }, /verify must be true or false/],
    [{ internal: 'no' }, /internal must be true or false/],
    [{ kept: 'maybe' }, /kept must be true or false/],
    [{ databaseProxy: 'on' }, /databaseProxy must be true or false/],
    [{ approveInfrastructure: 'never' }, /approveInfrastructure must be true or false/],
    [{ deploymentConfig: 'a b' }, /deploymentConfig must be/],
    [{ databaseSnapshot: 'a b' }, /databaseSnapshot must be/],
    [{ kmsKeyArn: 'alias/posthorn' }, /kmsKeyArn must be/],
    [{ kmsKeyArn: 'arn:aws:kms:eu-west-1:123456789012:alias/posthorn' }, /kmsKeyArn must be/],
    [{ callers: '203.0.113.0/24,everybody' }, /callers must be/],
    [{ callers: '203.0.113.7' }, /callers must be/],
    [{ hostedZoneId: 'Z1' }, /go together/],
    [{ region: 'eu-west-1' }, /go together/],
    [{ account: '1'.repeat(11), region: 'eu-west-1' }, /account must be/],
    [{ account: '1'.repeat(12), region: 'Ireland' }, /region must be/],
    [{ vpcId: VPC_ID, ...VPC, outgoingAddresses: '' }, /needs outgoingAddresses/],
    [{ vpcId: VPC_ID, ...VPC, publicSubnets: '' }, /publicSubnets/],
    [{ vpcId: VPC_ID, ...VPC, dataSubnets: 'subnet-0a1b2c3d' }, /vpcId needs/],
    [{ vpcId: VPC_ID, ...VPC, taskSubnets: 'subnet-0a1b2c3d' }, /vpcId needs/],
    [{ vpcId: VPC_ID, ...VPC, vpcZones: 'eu-west-1a' }, /vpcId needs/],
    [{ vpcId: VPC_ID, ...VPC, ...ONE_ZONE }, /vpcId needs/],
    [{ vpcId: 'vpc-1', ...VPC }, /vpcId must be/],
    [{ vpcId: VPC_ID, ...VPC, vpcRange: '10.0.0.0' }, /vpcRange must be/],
    [{ vpcRange: '10.0.0.0/16' }, /need vpcId/],
    [{ variables: { DATABASE_URL: 'x' } }, /must not have DATABASE_URL/],
    [{ variables: { ENCRYPTION_KEY: 'x' } }, /must not have ENCRYPTION_KEY/],
    [{ variables: { NODE_ENV: 'x' } }, /must not have NODE_ENV/],
    [{ variables: { MIGRATE_ON_START: 'true' } }, /must not have MIGRATE_ON_START/],
    [{ variables: { SQS_QUEUE_URL: 'x' } }, /must not have SQS_QUEUE_URL/],
    [{ variables: { RELEASE_LISTENER_ARN: 'x' } }, /must not have RELEASE_LISTENER_ARN/],
    [{ variables: { SERVICE_NAME: 'x' } }, /must not have SERVICE_NAME/],
    [{ variables: { lower: 'x' } }, /names such as LOG_LEVEL: lower is not/],
    [{ variables: { LOG_LEVEL: 1 } }, /texts by name: write "LOG_LEVEL"/],
    [{ variables: '{' }, /variables must be a JSON object/],
    [{ environments: [] }, /environments must be a list/],
    [{ environments: '{"a":1}' }, /environments must be a list/],
    [{ environments: [{ name: 'one' }, { name: 'one' }] }, /names of their own/],
  ])('%j is refused', (context, message) => {
    expect(() => optionsOf(context)).toThrow(message);
  });
});

describe('cdk.json', () => {
  const file = JSON.parse(readFileSync(join(INFRA, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };

  /** Each flag changes what the library makes: one more or fewer, and resources that are there are changed or replaced. */
  it('runs the app, and has the flags that the stacks were made with', () => {
    expect(file).toEqual({
      app: 'node bin/posthorn.ts',
      context: {
        size: 'small',
        '@aws-cdk/aws-iam:minimizePolicies': true,
        '@aws-cdk/core:checkSecretUsage': true,
        '@aws-cdk/core:enablePartitionLiterals': true,
        '@aws-cdk/core:target-partitions': ['aws'],
        '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
        '@aws-cdk/customresources:installLatestAwsSdkDefault': false,
        '@aws-cdk/aws-rds:databaseProxyUniqueResourceName': true,
        '@aws-cdk/aws-s3:createDefaultLoggingPolicy': true,
        '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
        '@aws-cdk/core:validateAgainstDefaultRules': true,
        '@aws-cdk/core:defaultCrossStackReferences': 'strong',
      },
      // What pipeline and builds deploy from: lib/infrastructure-buildspec.ts.
      output: 'dist/cdk.out',
    });
  });
});
