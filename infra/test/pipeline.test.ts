import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { verifyBuildSpec } from '../lib/deployment.ts';
import { buildVariables, releaseVariables } from '../lib/settings.ts';
import { sizes, type SizeName } from '../lib/sizes.ts';
import { allStacks } from '../lib/stacks.ts';
import { EVERYTHING, only, resourcesOf, stacksOf, templateOf, templatesOf, textOf } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

const STAGED = VARIANTS['staging before production']!;
const VERIFIED = { name: 'posthorn-staging', verify: 'true' };

const pipeline = (context = {}) => only(templatesOf(context)['posthorn-pipeline']!, 'AWS::CodePipeline::Pipeline').Properties;
const stages = (context = {}) =>
  pipeline(context).Stages.map(({ Name, Actions }: any) => [Name, Actions.map((action: any) => action.Name)]);
const actions = (context = {}): Record<string, any> =>
  Object.fromEntries(pipeline(context).Stages.flatMap(({ Actions }: any) => Actions.map((action: any) => [action.Name, action])));
const project = (name: string, context = {}) =>
  only(templateOf(context), 'AWS::CodeBuild::Project', ({ Name }) => Name === name).Properties;
const statementsOf = (role: string, context = {}): any[] =>
  Object.values(resourcesOf(templateOf(context), 'AWS::IAM::Policy'))
    .filter(({ Properties }) => textOf(Properties.Roles).includes(`"${role}`))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
const variablesOf = ({ Environment }: any): Record<string, unknown> =>
  Object.fromEntries(Environment.EnvironmentVariables.map(({ Name, Value }: any) => [Name, Value]));

describe('pipeline', () => {
  it('is of type V2 and goes from source over build and plan to the environment, one release after the other', () => {
    expect(pipeline()).toMatchObject({ PipelineType: 'V2', ExecutionMode: 'QUEUED' });
    expect(stages()).toEqual([
      ['Source', ['Source']],
      ['Build', ['Build', 'Plan']],
      ['ApproveInfrastructure', ['Approve']],
      ['posthorn', ['Infrastructure', 'Migrate', 'Deploy']],
      ['Pipeline', ['Infrastructure']],
    ]);
  });

  it('releases to staging, tests there, and goes on to production when somebody says yes', () => {
    const [, , , staging, approval, production] = stages(STAGED);
    expect(staging).toEqual(['posthorn-staging', ['Infrastructure', 'Migrate', 'Deploy', 'Verify']]);
    expect(approval).toEqual(['Approve-posthorn', ['Approve']]);
    expect(production).toEqual(['posthorn', ['Infrastructure', 'Migrate', 'Deploy']]);
  });

  it('does one thing after the other in an environment', () => {
    const ofStaging = pipeline(STAGED).Stages.find(({ Name }: any) => Name === 'posthorn-staging').Actions;
    expect(ofStaging.map(({ RunOrder }: any) => RunOrder)).toEqual([1, 2, 3, 4]);
  });

  it('builds the branch of the repository that was named, by a connection', () => {
    expect(actions().Source.Configuration).toMatchObject({ FullRepositoryId: 'acme/posthorn', BranchName: 'main' });
    expect(textOf(actions().Source.Configuration.ConnectionArn)).toContain('ConnectionArn');
    const given = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/abc';
    expect(actions({ connectionArn: given }).Source.Configuration.ConnectionArn).toBe(given);
    expect(Object.keys(resourcesOf(templateOf({ connectionArn: given }), 'AWS::CodeConnections::Connection'))).toEqual([]);
  });

  it('may do with artifacts what the connection does as it: upload them, with an ACL', () => {
    const onObjects = statementsOf('PipelineRole').filter(
      ({ Resource }) => textOf(Resource).includes('posthorn-artifacts-') && textOf(Resource).includes('/*'),
    );
    expect(onObjects.map(({ Action }) => [...Action].sort())).toEqual([
      ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'],
    ]);
  });

  it.each([
    ['DeploymentRole', 'taskdef.json', 'posthorn'],
    ['DeploymentMigrateRole', 'the migration', 'posthorn-migrate'],
  ])('%s registers revisions of the family of %s and of no other', (role, _what, family) => {
    const statements = statementsOf(role).filter(({ Action }) => textOf(Action).includes('ecs:RegisterTaskDefinition'));
    expect(statements.map(({ Action, Resource }) => [Action, Resource['Fn::Join']?.[1].at(-1)])).toEqual([
      ['ecs:RegisterTaskDefinition', `:task-definition/${family}:*`],
    ]);
  });

  it('tells somebody that an approval is due, and may', () => {
    const { NotificationArn } = actions(EVERYTHING).Approve.Configuration;
    expect(textOf(NotificationArn)).toContain('PipelineNotificationsTopic');
    const publish = (context = {}) =>
      statementsOf('PipelineRole', context).filter(({ Action }) =>
        [Action].flat().some((name: string) => name.startsWith('sns:')),
      );
    expect(publish(EVERYTHING)).toMatchObject([{ Action: 'sns:Publish', Resource: NotificationArn }]);
    expect(publish({ approveInfrastructure: 'false' })).toEqual([]);
  });

  it("acts in an environment as the environment's own role, and may do nothing there as itself", () => {
    for (const { Name, RoleArn } of Object.values(actions()))
      expect([Name, textOf(RoleArn ?? '').includes('role/posthorn-deploy-')]).toEqual([
        Name,
        ['Migrate', 'Deploy'].includes(Name),
      ]);
    const own = statementsOf('PipelineRole').flatMap(({ Action }) => Action);
    expect(own.filter((action: string) => /codedeploy|ecs:|iam:/.test(action))).toEqual([]);
    expect(own).toContain('sts:AssumeRole');
  });

  it('hands small artifacts on, never the source, and deploys what was filled in for the environment', () => {
    const { Build, Migrate, Deploy } = actions();
    expect(Migrate.InputArtifacts).toEqual([{ Name: 'SpecArtifact' }, { Name: 'ImageArtifact' }]);
    // The list of what is in the image is kept, and nobody takes it.
    expect(Build.OutputArtifacts).toEqual([...Migrate.InputArtifacts, { Name: 'SupplyArtifact' }]);
    expect(Migrate.Configuration.PrimarySource).toBe('SpecArtifact');
    expect(Migrate.OutputArtifacts).toEqual([{ Name: 'Release-posthorn' }]);
    expect(Deploy.InputArtifacts).toEqual([{ Name: 'Release-posthorn' }, { Name: 'ImageArtifact' }]);
    expect(Deploy.ActionTypeId).toMatchObject({ Category: 'Deploy', Provider: 'CodeDeployToECS' });
    expect(Deploy.Configuration).toEqual({
      ApplicationName: 'posthorn',
      DeploymentGroupName: 'posthorn',
      TaskDefinitionTemplateArtifact: 'Release-posthorn',
      TaskDefinitionTemplatePath: 'taskdef.json',
      AppSpecTemplateArtifact: 'Release-posthorn',
      AppSpecTemplatePath: 'appspec.yaml',
      Image1ArtifactName: 'ImageArtifact',
      Image1ContainerName: 'IMAGE1_NAME',
    });
  });
});

describe('build', () => {
  it('runs buildspec.yml on ARM, with Docker', () => {
    expect(project('posthorn-build')).toMatchObject({
      Source: { Type: 'CODEPIPELINE', BuildSpec: 'buildspec.yml' },
      Environment: { Type: 'ARM_CONTAINER', PrivilegedMode: true },
    });
  });

  it('is given every variable of buildspec.yml', () => {
    expect(Object.keys(variablesOf(project('posthorn-build'))).sort()).toEqual(Object.keys(buildVariables).sort());
  });
});

describe('plan and infrastructure', () => {
  const ABROAD = VARIANTS['another account and region']!;
  const placesOf = (start: string) =>
    Object.entries(resourcesOf(templatesOf(ABROAD)['posthorn-pipeline']!, 'AWS::IAM::Policy'))
      .filter(([id]) => id.startsWith(start))
      .flatMap(([, policy]) => [...textOf(policy).matchAll(/role\/cdk-\*-[a-z-]+-role-(\d{12}-[a-z0-9-]+)"/g)])
      .map(([, place]) => place!);

  it.each(['BuildsPlan', 'BuildsInfrastructure'])(
    '%s may be the roles of the CDK wherever there is a stack, and nowhere else',
    (id) => {
      const places = allStacks(stacksOf(ABROAD)).map(({ account, region }) => `${account}-${region}`);
      expect([...new Set(placesOf(id))].sort()).toEqual([...new Set(places)].sort());
    },
  );
});

describe('migration', () => {
  it.each(Object.keys(sizes) as SizeName[])('%s: is given every variable that it fills in, and those of the size', (size) => {
    const variables = variablesOf(project('posthorn-migrate', { size }));
    expect(Object.keys(variables)).toEqual(expect.arrayContaining(Object.keys(releaseVariables)));
    const { cpu, memory, poolSize, deliveryConcurrency } = sizes[size];
    expect(variables).toMatchObject({
      NAME: 'posthorn',
      TASK_CPU: String(cpu),
      TASK_MEMORY: String(memory),
      DATABASE_POOL_SIZE: String(poolSize),
      DELIVERY_CONCURRENCY: String(deliveryConcurrency),
    });
  });

  it('hands on the two files that it filled in', () => {
    expect(project('posthorn-migrate').Source.BuildSpec).toMatch(
      /artifacts:\n {2}files:\n {4}- taskdef\.json\n {4}- appspec\.yaml\n {2}base-directory: filled\n/,
    );
  });

  it('runs by a project that can do nothing but run it', () => {
    expect(project('posthorn-migrate').Environment.PrivilegedMode).toBe(false);
    const text = textOf(statementsOf('DeploymentMigrateRole'));
    expect(text).toContain('task-definition/posthorn-migrate:*');
    expect(text).not.toContain('secretsmanager');
  });
});

describe('verification', () => {
  it('runs beside the tasks, which may reach its receivers, and nobody else', () => {
    const { VpcConfig, Environment } = project('posthorn-staging-verify', VERIFIED);
    expect(VpcConfig.Subnets).toHaveLength(3);
    const secret = Environment.EnvironmentVariables.find(({ Name }: any) => Name === 'TEST_JWT_SECRET');
    expect(secret).toMatchObject({ Type: 'SECRETS_MANAGER', Value: 'posthorn-staging/jwt-key' });
    const [rule, ...more] = Object.entries(resourcesOf(templateOf(VERIFIED), 'AWS::EC2::SecurityGroupIngress'))
      .filter(([id]) => id.startsWith('DeploymentTests'))
      .map(([, { Properties }]) => Properties);
    expect(more).toEqual([]);
    expect(textOf(rule.SourceSecurityGroupId)).toContain('NetworkTask');
  });

  it('gives the tests an address of its own machine, and runs a script that there is', () => {
    const [address, run] = verifyBuildSpec().phases.build.commands;
    const { scripts } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8'));
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses!.map(({ address }) => address));

    expect(own).toContain(execFileSync('bash', ['-c', `${address}; printf %s "$TEST_RECEIVER_HOST"`], { encoding: 'utf8' }));
    expect(Object.keys(scripts)).toContain(run!.replace('npm run ', ''));
  });

  it('reaches a load balancer that is only inside, whoever else may call it', () => {
    const rules = Object.entries(
      resourcesOf(templateOf(VARIANTS['an internal load balancer']!), 'AWS::EC2::SecurityGroupIngress'),
    );
    const [rule] = rules.filter(([id]) => id.startsWith('DeploymentTestsToApi')).map(([, { Properties }]) => Properties);
    expect(rule).toMatchObject({ FromPort: 80, ToPort: 80 });
    expect(textOf(rule.GroupId)).toContain('NetworkLoadBalancer');
    expect(textOf(rule.SourceSecurityGroupId)).toContain('DeploymentTests');
  });

  it('lets tasks of its environment deliver to the VPC, and of no other', () => {
    const extra = (context: object) =>
      JSON.parse(variablesOf(project('posthorn-staging-migrate', context)).EXTRA_ENVIRONMENT as string);
    expect(extra(VERIFIED)).toEqual({ ALLOWED_SUBNETS: '10.64.0.0/16' });
    expect(extra({ name: 'posthorn-staging' })).toEqual({});
  });
});
