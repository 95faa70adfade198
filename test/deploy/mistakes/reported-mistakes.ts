import { mistakesIn, type Mistake } from './mistake.js';

const taskdef = mistakesIn('taskdef');
const appspec = mistakesIn('appspec');
const buildspec = mistakesIn('buildspec');
const dockerfile = mistakesIn('dockerfile');

const SYSTEM = 'FROM node:24-bookworm-slim AS system';
const LOGIN = /- aws ecr get-login-password .*/;

/** What people report in issues, questions and blog posts; written after the rules, to see how many of them the kinds catch. */
export const REPORTED_MISTAKES: readonly Mistake[] = [
  taskdef(
    'a capability that is allowed and not needed',
    '"drop": ["ALL"]',
    '"drop": ["ALL"], "add": ["SYS_PTRACE"]',
    '"add"',
    'remove',
  ),
  taskdef('a tag behind the placeholder', '<IMAGE1_NAME>', '<IMAGE1_NAME>:latest', 'IMAGE1_NAME', 'write <IMAGE1_NAME>'),
  taskdef('a default as in shells', '${TASK_MEMORY}', '${TASK_MEMORY:-1024}', '"memory"', 'write ${TASK_MEMORY}'),
  taskdef('a variable without braces', '${TASK_CPU}', '$TASK_CPU', '"cpu"', 'write ${TASK_CPU}'),
  taskdef(
    "the workshop's placeholder",
    '${EXECUTION_ROLE_ARN}',
    '<TASK_EXECUTION_ARN>',
    'executionRoleArn',
    'write ${EXECUTION_ROLE_ARN}',
  ),
  taskdef('the API alone', '"value": "api,worker"', '"value": "api"', 'ROLES', 'the value api,worker'),
  taskdef(
    'a JSON key of a secret',
    '"${REDIS_URL_SECRET_ARN}"',
    '"${REDIS_URL_SECRET_ARN}:url::"',
    'REDIS_URL',
    'give REDIS_URL in secrets',
  ),
  taskdef('a probe every five minutes', '"interval": 15', '"interval": 300', '"interval"', 'make interval'),
  taskdef('a volume twice', '{ "name": "tmp" }', '{ "name": "tmp" }, { "name": "tmp" }', '"volumes"', 'one of the two'),
  taskdef(
    'a volume mounted twice',
    '"mountPoints": [',
    '"mountPoints": [{ "sourceVolume": "tmp", "containerPath": "/app/.data" },',
    '"sourceVolume": "tmp"',
    'mount the volume "tmp" once',
  ),
  taskdef(
    'a secret in the environment',
    '"environment": [',
    '"environment": [{ "name": "DATABASE_URL", "value": "mysql://root:pw@db/posthorn" },',
    'DATABASE_URL',
    'move DATABASE_URL to secrets',
  ),
  taskdef('a mark at the beginning of the file', '{\n  "family"', '\uFEFF{\n  "family"', '', 'correct the syntax'),
  appspec(
    'the placeholder without its brackets',
    '<TASK_DEFINITION>',
    'TASK_DEFINITION',
    'TaskDefinition',
    'write <TASK_DEFINITION>',
  ),
  appspec(
    'a hook by ARN',
    'CodeDeployHook_${NAME}-after-traffic',
    'arn:aws:lambda:us-east-1:123456789012:function:CodeDeployHook_posthorn-after-traffic',
    'AfterAllowTraffic',
    'call CodeDeployHook_',
  ),
  appspec('hooks below the resources', '\nHooks:', '\n  Hooks:', '', 'correct the syntax'),
  buildspec(
    'the login of AWS CLI 1',
    LOGIN,
    '- $(aws ecr get-login --no-include-email)',
    'get-login',
    'the check does not know it',
  ),
  buildspec(
    'a region in the login',
    'aws ecr get-login-password',
    'aws ecr get-login-password --region eu-west-1',
    'eu-west-1',
    'write a variable for eu-west-1',
  ),
  buildspec(
    'all tags pushed',
    'docker push "$IMAGE"',
    'docker push --all-tags "$IMAGE_REPOSITORY_URI"',
    '--all-tags',
    'the check does not know it',
  ),
  buildspec(
    'images of two platforms',
    '--platform linux/arm64',
    '--platform linux/arm64,linux/amd64',
    'docker buildx',
    'build with --platform linux/arm64',
  ),
  buildspec(
    'the cache beside the images',
    ' --load --tag',
    ' --cache-to "type=registry,ref=$IMAGE_REPOSITORY_URI:cache" --load --tag',
    'docker buildx',
    'remove --cache-to: a cache in a registry needs a builder of its own',
  ),
  buildspec(
    'a push in finally',
    '      - docker compose down --volumes',
    '      - docker push "$IMAGE"',
    'docker push',
    'push in the commands of post_build',
  ),
  buildspec('the stage for tests', ' --load --tag', ' --target tests --load --tag', 'docker buildx', 'remove --target'),
  buildspec('another Dockerfile', ' --load --tag', ' --file Dockerfile.prod --load --tag', 'docker buildx', 'remove --file'),
  buildspec(
    'a guard the other way round',
    'CODEBUILD_BUILD_SUCCEEDING" = 1',
    'CODEBUILD_BUILD_SUCCEEDING" = 0',
    'CODEBUILD_BUILD_SUCCEEDING',
    '',
  ),
  buildspec(
    'sed for fill-in',
    'cp taskdef.json appspec.yaml',
    'sed -e "s#<ROLE>#$TASK_ROLE_ARN#" taskdef.json > release/spec/taskdef.json',
    'sed',
    'the check does not know it',
  ),
  buildspec(
    'a sleep for a wait',
    '      - docker compose exec',
    '      - sleep 30\n      - docker compose exec',
    'sleep',
    'the check does not know it',
  ),
  dockerfile('the image of the build', 'FROM scratch\n', 'FROM build\n', 'FROM build', 'start the last stage from'),
  dockerfile(
    'the program in ENTRYPOINT',
    '"--max-semi-space-size=8"]',
    '"--max-semi-space-size=8", "dist/main.js"]',
    'ENTRYPOINT',
    'end ENTRYPOINT',
  ),
  dockerfile('single quotes', 'CMD ["dist/main.js"]', "CMD ['dist/main.js']", 'CMD', 'write CMD as a list'),
  dockerfile('the flag of old npm', '--omit=dev --omit=optional', '--production', 'node_modules', 'hold the test tools too'),
  dockerfile(
    'a version in an argument',
    SYSTEM,
    `ARG NODE=24\n${SYSTEM.replace('24', '${NODE}')}`,
    '${NODE}',
    'take node:<version>-bookworm-slim',
  ),
  dockerfile('a user by number', 'USER node', 'USER 1001', 'USER', 'make USER node'),
];
