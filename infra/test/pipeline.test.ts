import { describe, expect, it } from '@jest/globals';
import { buildVariables, sizes, type SizeName } from '../lib/settings.ts';
import { EVERYTHING, only, resourcesOf, templateOf, textOf } from './support/synth.ts';

const pipeline = (context = {}) => only(templateOf(context), 'AWS::CodePipeline::Pipeline').Properties;
const actions = (context = {}): Record<string, any> =>
  Object.fromEntries(pipeline(context).Stages.flatMap(({ Actions }: any) => Actions.map((action: any) => [action.Name, action])));
const project = (name: string, context = {}) =>
  only(templateOf(context), 'AWS::CodeBuild::Project', ({ Name }) => Name === name).Properties;
const pipelineStatements = (context = {}): any[] =>
  only(templateOf(context), 'AWS::IAM::Policy', ({ Roles }) => textOf(Roles).includes('PipelineRole')).Properties.PolicyDocument
    .Statement;
const variablesOf = ({ Environment }: any): Record<string, unknown> =>
  Object.fromEntries(Environment.EnvironmentVariables.map(({ Name, Value }: any) => [Name, Value]));

describe('pipeline', () => {
  it('is of type V2 and goes from source over build and migration to deployment, one release after the other', () => {
    expect(pipeline()).toMatchObject({ PipelineType: 'V2', ExecutionMode: 'QUEUED' });
    expect(pipeline().Stages.map(({ Name }: any) => Name)).toEqual(['Source', 'Build', 'Migrate', 'Deploy']);
    expect(pipeline(EVERYTHING).Stages.map(({ Name }: any) => Name)).toContain('Approve');
  });

  it('builds the branch of the repository that was named, by a connection', () => {
    expect(actions().Source.Configuration).toMatchObject({ FullRepositoryId: 'acme/posthorn', BranchName: 'main' });
    expect(textOf(actions().Source.Configuration.ConnectionArn)).toContain('ConnectionArn');
    const given = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/abc';
    expect(actions({ connectionArn: given }).Source.Configuration.ConnectionArn).toBe(given);
    expect(Object.keys(resourcesOf(templateOf({ connectionArn: given }), 'AWS::CodeConnections::Connection'))).toEqual([]);
  });

  it('may do with artifacts what the connection does as it: upload them, with an ACL', () => {
    const bucket = textOf(pipeline().ArtifactStore.Location.Ref);
    const onObjects = pipelineStatements().filter(
      ({ Resource }) => textOf(Resource).includes(bucket) && textOf(Resource).includes('/*'),
    );
    expect(onObjects.map(({ Action }) => [...Action].sort())).toEqual([
      ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:PutObjectAcl'],
    ]);
  });

  it.each([
    ['PipelineRole', 'taskdef.json', 'posthorn'],
    ['BuildsMigrateRole', 'the migration', 'posthorn-migrate'],
  ])('%s registers revisions of the family of %s and of no other', (role, _what, family) => {
    const statements: any[] = Object.values(resourcesOf(templateOf(), 'AWS::IAM::Policy'))
      .filter(({ Properties }) => textOf(Properties.Roles).includes(role))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => textOf(Action).includes('ecs:RegisterTaskDefinition'));
    expect(statements.map(({ Action, Resource }) => [Action, Resource['Fn::Join']?.[1].at(-1)])).toEqual([
      ['ecs:RegisterTaskDefinition', `:task-definition/${family}:*`],
    ]);
  });

  it('tells somebody that an approval is due, and may', () => {
    const { NotificationArn } = actions(EVERYTHING).Approve.Configuration;
    expect(NotificationArn).toEqual({ Ref: Object.keys(resourcesOf(templateOf(EVERYTHING), 'AWS::SNS::Topic'))[0] });
    const publish = (context = {}) =>
      pipelineStatements(context).filter(({ Action }) => [Action].flat().some((name: string) => name.startsWith('sns:')));
    expect(publish(EVERYTHING)).toMatchObject([{ Action: 'sns:Publish', Resource: NotificationArn }]);
    expect(publish()).toEqual([]);
  });

  it('hands the two small artifacts on, never the source', () => {
    const { Build, Migrate, Deploy } = actions();
    expect(Build.OutputArtifacts).toEqual([{ Name: 'SpecArtifact' }, { Name: 'ImageArtifact' }]);
    expect(Migrate.InputArtifacts).toEqual(Build.OutputArtifacts);
    expect(Migrate.Configuration.PrimarySource).toBe('SpecArtifact');
    expect(Deploy.InputArtifacts).toEqual(Build.OutputArtifacts);
    expect(Deploy.ActionTypeId).toMatchObject({ Category: 'Deploy', Provider: 'CodeDeployToECS' });
    expect(Deploy.Configuration).toEqual({
      ApplicationName: 'posthorn',
      DeploymentGroupName: 'posthorn',
      TaskDefinitionTemplateArtifact: 'SpecArtifact',
      TaskDefinitionTemplatePath: 'taskdef.json',
      AppSpecTemplateArtifact: 'SpecArtifact',
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

  it.each(Object.keys(sizes) as SizeName[])('%s: is given every variable, and those of the size', (size) => {
    const variables = variablesOf(project('posthorn-build', { size }));
    expect(Object.keys(variables).sort()).toEqual(Object.keys(buildVariables).sort());
    const { cpu, memory, poolSize, deliveryConcurrency } = sizes[size];
    expect(variables).toMatchObject({
      TASK_CPU: String(cpu),
      TASK_MEMORY: String(memory),
      DATABASE_POOL_SIZE: String(poolSize),
      DELIVERY_CONCURRENCY: String(deliveryConcurrency),
    });
  });
});

describe('migration', () => {
  it('runs by a project that can do nothing but run it', () => {
    expect(project('posthorn-migrate').Environment.PrivilegedMode).toBe(false);
    const text = textOf(
      Object.values(resourcesOf(templateOf(), 'AWS::IAM::Policy')).find(({ Properties }) =>
        textOf(Properties.Roles).includes('BuildsMigrateRole'),
      ),
    );
    expect(text).toContain('task-definition/posthorn-migrate:*');
    expect(text).not.toContain('secretsmanager');
  });
});
