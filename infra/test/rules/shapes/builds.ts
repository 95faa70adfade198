import { because, rule } from '../shape.ts';
import { secret, subnets, urls, vpcId, type Unit } from '../unit.ts';
import { GOES, type Shape, type Shapes } from './shape-of.ts';

interface Project {
  file: string;
  /** Prefix of its ids, and last part of its name. */
  id: string;
  task: string;
  description: string;
  buildSpec: unknown;
  minutes: unknown;
  computeType: 'LARGE' | 'SMALL';
  privileged?: boolean;
  variables: object[];
  vpc?: object;
}

const plain = (Name: string, Value: unknown) => ({ Name, Type: 'PLAINTEXT', Value });

/** The projects of an environment. */
export function deploymentShapes(it: Unit): Shapes {
  const file = 'lib/deployment.ts';
  return {
    ...project(it, {
      file,
      id: 'DeploymentMigrate',
      task: 'migrate',
      description: "Fills in what is deployed, and runs the release's migrations once, in a task of its own",
      buildSpec: because(
        'What the script does is in migrate.test.ts; here are its inputs and outputs',
        rule('the script, with its artifact', isMigration),
      ),
      minutes: because('A migration may take an hour: a build that ends before leaves it half done, unseen', 60),
      computeType: 'SMALL',
      variables: migrateVariables(it),
    }),
    ...(it.environment.verify
      ? project(it, {
          file,
          id: 'DeploymentVerify',
          task: 'verify',
          description: 'Runs the end-to-end tests against this environment',
          buildSpec: VERIFY,
          minutes: 60,
          computeType: 'LARGE',
          variables: [
            plain('TEST_BASE_URL', urls(it).production),
            {
              Name: 'TEST_JWT_SECRET',
              Type: because('As PLAINTEXT it would be the name of the secret, and readable in the console', 'SECRETS_MANAGER'),
              Value: `${it.name}/jwt-key`,
            },
          ],
          vpc: { VpcId: vpcId(it), Subnets: subnets(it, 'tasks'), SecurityGroupIds: ['${DeploymentTests.GroupId}'] },
        })
      : {}),
  };
}

function isMigration(text: unknown): boolean {
  if (typeof text !== 'string') return false;
  const begins = [
    'version: "0.2"\nenv:\n  shell: bash\nphases:\n  install:\n    runtime-versions:\n      nodejs: 24\n  build:\n    commands:\n',
    '      - export SPEC_DIR=$CODEBUILD_SRC_DIR IMAGE_DIR=$CODEBUILD_SRC_DIR_ImageArtifact FILLED_DIR=$CODEBUILD_SRC_DIR/filled\n',
    '      - |-\n        (\n        set -eu\n        for file in taskdef.json appspec.yaml; do\n',
  ].join('');
  const ends = 'artifacts:\n  files:\n    - taskdef.json\n    - appspec.yaml\n  base-directory: filled\n';
  return text.startsWith(begins) && text.endsWith(ends) && text.match(/\n {6}- /g)?.length === 3;
}

function migrateVariables(it: Unit): object[] {
  const { size, environment, name } = it;
  const network = {
    awsvpcConfiguration: {
      subnets: subnets(it, 'tasks'),
      securityGroups: ['${NetworkTask.GroupId}'],
      assignPublicIp: 'DISABLED',
    },
  };
  const extra = {
    ...(environment.verify ? { ALLOWED_SUBNETS: environment.vpc?.range ?? '10.64.0.0/16' } : {}),
    ...(environment.kmsKeyArn ? { ENCRYPTION_KMS_KEY_ID: environment.kmsKeyArn } : {}),
    ...environment.variables,
  };
  return [
    plain('NAME', name),
    plain('TASK_CPU', String(size.cpu)),
    plain('TASK_MEMORY', String(size.memory)),
    plain('EXECUTION_ROLE_ARN', because('ECS starts the task as this one: not as the app', '${RolesExecution.Arn}')),
    plain('TASK_ROLE_ARN', because('The app is this one: it must not read every secret', '${RolesTask.Arn}')),
    plain('PUBLIC_URL', because('Links to the portal begin with it', urls(it).production)),
    plain('QUEUE_URL', '${QueuesMain}'),
    plain('DEAD_LETTER_QUEUE_URL', '${QueuesDeadLetter}'),
    plain(
      'LISTENER_ARN',
      because('A task looks for its weight at the production listener', '${TrafficProductionListener.Listeners.0.ListenerArn}'),
    ),
    plain('DATABASE_URL_SECRET_ARN', '${DatabaseUrl}'),
    plain('REDIS_URL_SECRET_ARN', '${CacheUrl}'),
    plain('JWT_SECRET_ARN', secret(it, 'JwtSecret', 'jwt-key')),
    plain('ENCRYPTION_KEY_SECRET_ARN', secret(it, 'EncryptionKey', 'encryption-key')),
    plain('DATABASE_POOL_SIZE', String(size.poolSize)),
    plain('DELIVERY_CONCURRENCY', String(size.deliveryConcurrency)),
    plain('EXTRA_ENVIRONMENT', JSON.stringify(extra)),
    plain('NETWORK', because('A migration runs where the tasks do', JSON.stringify(network))),
    plain('MIGRATION_ROLE_ARN', because('Only it reads the URLs of the migration', '${RolesMigration.Arn}')),
    plain('DIRECT_URL_SECRET_ARN', because('Past the proxy, if there is one', '${DatabaseDirectUrl}')),
    plain('MIGRATION_URL_SECRET_ARN', '${DatabaseMigrationUrl}'),
    plain('ADMIN_URL_SECRET_ARN', '${DatabaseAdminUrl}'),
    plain('LOG_PREFIX', because('The prefix of taskdef.json, or the log of the migration is not found', 'ecs')),
  ];
}

/** The projects of the pipeline's own account. */
export function buildShapes(it: Unit): Shapes {
  const { account, region, options } = it;
  const file = 'lib/builds.ts';
  return {
    ...project(it, {
      file,
      id: 'BuildsBuild',
      task: 'build',
      description: 'Tests, builds and pushes the image',
      buildSpec: 'buildspec.yml',
      minutes: 60,
      computeType: 'LARGE',
      privileged: true,
      variables: [
        plain('IMAGE_REPOSITORY_URI', `${account}.dkr.ecr.${region}.\${URLSuffix}/${it.name}`),
        plain('SCAN_SEVERITY', options.scanSeverity),
      ],
    }),
    ...project(it, {
      file,
      id: 'BuildsPlan',
      task: 'plan',
      description: 'Synthesizes the stacks and shows what would change',
      buildSpec: PLAN,
      minutes: 30,
      computeType: 'SMALL',
      variables: [],
    }),
    ...project(it, {
      file,
      id: 'BuildsInfrastructure',
      task: 'infrastructure',
      description: 'Deploys stacks as they were planned',
      buildSpec: INFRASTRUCTURE,
      minutes: because('A first environment takes as long as its database and its cache', 120),
      computeType: 'SMALL',
      variables: [],
    }),
  };
}

function project(
  it: Unit,
  { file, id, task, description, buildSpec, minutes, computeType, privileged = false, variables, vpc }: Project,
): Shapes {
  const properties = {
    Name: `${it.name}-${task}`,
    Description: description,
    Source: { Type: 'CODEPIPELINE', BuildSpec: buildSpec },
    Artifacts: { Type: 'CODEPIPELINE' },
    Cache: { Type: 'NO_CACHE' },
    EncryptionKey: keyOf(it),
    Environment: {
      ComputeType: `BUILD_GENERAL1_${computeType}`,
      Image: because(
        'ARM, as the task: an image for another processor ends with "exec format error"',
        'aws/codebuild/amazonlinux-aarch64-standard:3.0',
      ),
      ImagePullCredentialsType: 'CODEBUILD',
      PrivilegedMode: because('Docker needs it, and what runs no containers must not have it', privileged),
      Type: because('ARM, as the task', 'ARM_CONTAINER'),
      EnvironmentVariables: variables.length > 0 ? variables : undefined,
    },
    LogsConfig: { CloudWatchLogs: { GroupName: `\${${id}Log}`, Status: 'ENABLED' } },
    ServiceRole: `\${${id}Role.Arn}`,
    TimeoutInMinutes: minutes,
    VpcConfig: vpc,
  };
  const log: Shape = {
    file: 'lib/build-project.ts',
    type: 'AWS::Logs::LogGroup',
    why: 'A release is looked into weeks later',
    properties: { LogGroupName: `/${it.name}/${task}`, RetentionInDays: 90 },
    when: GOES,
  };
  const why = 'The pipeline starts it by its name, with what it needs and not more';
  return {
    [`${id}Project`]: { file: `${file} and lib/build-project.ts`, type: 'AWS::CodeBuild::Project', why, properties },
    [`${id}Log`]: log,
  };
}

/** The key of the artifacts where the project is; Amazon's own as long as everything is in one account. */
export function keyOf({ options: { place, environments, name }, region }: Unit): string {
  const shared = environments.some((one) => one.place && one.place.account !== place?.account);
  return shared ? `arn:\${Partition}:kms:${region}:${place!.account}:alias/${name}-artifacts` : 'alias/aws/s3';
}

const NODE = 'phases:\n  install:\n    runtime-versions:\n      nodejs: 24\n    commands:\n';

const PLAN = because(
  'Without pipefail only PIPESTATUS says that the diff failed; the number of changed stacks decides whether a person is asked',
  `version: "0.2"
env:
  shell: bash
  exported-variables:
    - STACKS_CHANGED
    - CODEBUILD_BUILD_URL
${NODE}      - npm ci --prefix infra --no-audit --no-fund
  build:
    commands:
      - |-
        (
        set -eu
        cd infra
        npx --no-install cdk synth --quiet
        npx --no-install cdk diff --app dist/cdk.out --all --method template --no-color 2>&1 | tee /tmp/diff.txt
        test "\${PIPESTATUS[0]}" = 0
        sed -n 's/.*Number of stacks with differences: \\([0-9]*\\).*/\\1/p' /tmp/diff.txt | tail -1 > /tmp/stacks-changed
        if ! grep -q . /tmp/stacks-changed; then echo 'cdk diff did not say how many stacks differ.'; exit 1; fi
        )
      - export STACKS_CHANGED=$(cat /tmp/stacks-changed)
artifacts:
  files:
    - infra/package.json
    - infra/package-lock.json
    - infra/cdk.json
    - infra/dist/cdk.out/**/*
`,
);

const INFRASTRUCTURE = because(
  'It deploys what was shown, and only the stacks that it was told; nobody is there to answer a question',
  `version: "0.2"
env:
  shell: bash
${NODE}      - npm ci --prefix infra --no-audit --no-fund
  build:
    commands:
      - cd infra && npx --no-install cdk deploy --app dist/cdk.out --exclusively --require-approval never --progress events $STACKS
`,
);

const VERIFY = because(
  "The tests' receivers are reached at the address of the build itself",
  `version: "0.2"
env:
  shell: bash
${NODE}      - npm ci --no-audit --no-fund
  build:
    commands:
      - export TEST_RECEIVER_HOST=$(node -p "Object.values(os.networkInterfaces()).flat().find(({ family, internal, address }) => family === 'IPv4' && internal === false && address.startsWith('169.254.') === false).address")
      - npm run test:remote
`,
);
