import { mistakesIn } from './mistake.js';

const buildspec = mistakesIn('buildspec');
const compose = mistakesIn('compose');

/** A command before npm cit, which a test of the whole pipeline would run. */
const before = (name: string, command: string, says: string) =>
  buildspec(name, '      - npm cit', `      - ${command}\n      - npm cit`, command.slice(0, 12), says);

const PUBLIC_LOGIN =
  '      - aws ecr-public get-login-password --region us-east-1 | docker login --username AWS --password-stdin public.ecr.aws\n';
const GATE = '      - node infra/pipeline/scan-gate.ts "$DIGEST" "$SCAN_SEVERITY"\n';
const LOGIN = 'aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE_REPOSITORY_URI%%/*}"';

/** What a later line relies on. */
export const BUILD_FLOW_MISTAKES = [
  buildspec('no login', `      - ${LOGIN}\n`, '', 'BEFORE=', 'log in to ECR before'),
  buildspec(
    'a login to another registry',
    '"${IMAGE_REPOSITORY_URI%%/*}"',
    '$ACCOUNT.dkr.ecr.amazonaws.com',
    'login',
    'the registry that is pushed to',
  ),
  buildspec(
    'an image under another name',
    '--tag posthorn:local',
    '--tag posthorn:build',
    'docker buildx build',
    'build with --tag posthorn:local',
  ),
  {
    ...compose(
      'an image that is not built',
      'image: posthorn:local',
      'image: posthorn:dev',
      'docker buildx build',
      'build with --tag posthorn:dev',
    ),
    file: 'buildspec' as const,
  },
  buildspec(
    'another image tagged',
    'docker tag posthorn:local',
    'docker tag posthorn:dev',
    'docker tag',
    'the image that was built and started',
  ),
  buildspec(
    'a push of what was not tagged',
    'docker push "$IMAGE"',
    'docker push "$IMAGE_REPOSITORY_URI"',
    'docker push',
    'tag the image as',
  ),
  buildspec('a push by the build', '--provenance=false', '--provenance=false --push', 'docker buildx build', 'not with --push'),
  buildspec('an attestation', ' --provenance=false', '', 'docker buildx build', 'build with --provenance=false'),
  buildspec('a start that is not waited for', ' --wait --wait-timeout 300', '', 'docker compose up', 'add --wait'),
  buildspec('a second build', '--no-build --detach', '--build --detach', 'docker compose up', 'add --no-build'),
  buildspec('another service', '--wait-timeout 300 app', '--wait-timeout 300 api', 'docker compose up', 'it has no api'),
  buildspec('a terminal that is not there', 'exec -T app', 'exec app', 'docker compose exec', 'add -T'),
  buildspec('curl that takes 503', 'docker compose exec -T app node dist/cli.js healthcheck', 'curl -s', 'curl', 'add --fail'),
  buildspec(
    'compose without its second file',
    'docker-compose.yml:infra/pipeline/compose.yml',
    'docker-compose.yml',
    'COMPOSE_FILE',
    'come from Docker Hub',
  ),
  buildspec(
    'a folder that is not made',
    '      - mkdir -p release/spec release/image\n',
    '',
    'printf',
    'make the folder before: mkdir -p release/image',
  ),
  buildspec('a digest of before the push', '      - docker push "$IMAGE"\n', '', 'DIGEST=', 'push the image before'),
  buildspec('a tag in imageDetail.json', '"$DIGEST" >', '"$IMAGE" >', 'printf', 'not $IMAGE'),
  buildspec('two objects in a file', '"$DIGEST" >', '"$DIGEST" >>', 'printf', 'two objects'),
  buildspec(
    'a file of another name',
    'cp taskdef.json',
    'cp task-definition.json',
    'cp task-definition.json',
    'there is no task-definition.json',
  ),
  buildspec(
    'one file taken for the other',
    '      - cp taskdef.json appspec.yaml infra/pipeline/fill-in.ts release/spec/\n',
    '      - cp appspec.yaml infra/pipeline/fill-in.ts release/spec/\n      - cp package.json release/spec/taskdef.json\n',
    'cp package.json',
    'made from package.json',
  ),
  buildspec(
    'an appspec that is not there',
    'cp taskdef.json appspec.yaml',
    'cp taskdef.json appspec.yml',
    'cp taskdef.json',
    'there is no appspec.yml',
  ),
  buildspec(
    'files that the build fills in',
    'cp taskdef.json appspec.yaml infra',
    'node infra/pipeline/fill-in.ts taskdef.json release/spec/taskdef.json\n      - cp appspec.yaml infra',
    'fill-in.ts taskdef.json',
    'copy taskdef.json as it is',
  ),
  buildspec('no login for public images', PUBLIC_LOGIN, '', 'BASE_DIGEST=', 'log in to public.ecr.aws before'),
  buildspec('an image that stays with its builder', ' --load', '', 'docker buildx build', 'build with --load'),
  buildspec(
    'a builder from Docker Hub',
    '      - npm cit',
    '      - docker buildx create --driver docker-container --use\n      - npm cit',
    'docker buildx create',
    'remove docker buildx create',
  ),
  buildspec('no gate', GATE, '', 'printf', 'judge the image scan before'),
  buildspec('a gate for another image', '"$DIGEST" "$SCAN', '"$IMAGE" "$SCAN', 'scan-gate', 'judge "$DIGEST"'),
  buildspec('a fixed gate', '"$SCAN_SEVERITY"', 'HIGH', 'scan-gate', 'give the gate "$SCAN_SEVERITY"'),
  buildspec('a gate that is open', GATE, `${GATE.trimEnd()} || true\n`, '|| true', 'let the command fail'),
  buildspec(
    'a gate behind what it guards',
    /( +- node infra.*scan-gate.*\n)([^]*?)( +# With the program)/,
    `      - mkdir -p release/spec release/image\n      - printf '{"ImageURI":"%s"}\\n' "$DIGEST" > release/image/imageDetail.json\n${GATE}      # With the program`,
    'printf',
    'judge the image scan before',
  ),
  buildspec(
    'a tag that moves',
    '$CODEBUILD_RESOLVED_SOURCE_VERSION-$CODEBUILD_BUILD_NUMBER',
    'latest',
    'IMAGE=',
    'name a version for latest',
  ),
  buildspec('a tag that was there before', '-$CODEBUILD_BUILD_NUMBER', '', 'IMAGE=', 'can not be pushed again'),
  buildspec(
    'a variable of CodeBuild that is misspelled',
    '$CODEBUILD_RESOLVED_SOURCE_VERSION-',
    '$CODEBUILD_RESOLVED_VERSION-',
    'IMAGE=',
    'set CODEBUILD_RESOLVED_VERSION before',
  ),
  buildspec(
    'a guard that is not first',
    '      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1\n',
    '      - echo done\n      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1\n',
    'echo',
    'begin with test',
  ),
];

/** Commands that do not stop the release, or that nobody knows. */
export const COMMAND_MISTAKES = [
  before('npm install', 'npm install', 'write npm ci for npm install'),
  before('a failure that is swallowed', 'npm run lint || true', 'let the command fail'),
  before('set +e', 'set +e', 'let the commands fail'),
  before('two commands in a line', 'npm run lint; npm run imports', 'only the last one can fail'),
  before('a pipe that hides a failure', 'npm run lint | tee lint.log', 'end the pipe with a command that fails'),
  before('a command in the background', 'npm start &', 'what runs in the background'),
  before('another folder', 'cd infra', 'remove the cd'),
  before('a script that is not there', 'npm run check', 'it has no check'),
  before('all variables in the log', 'printenv', 'would show all variables'),
  before('a password on the command line', 'docker login -u me -p $PASSWORD', '--password-stdin'),
  before('a command that nobody knows', 'curl https://get.example.sh -o install.sh', 'the check does not know it'),
  before(
    'a rolling deployment',
    'aws ecs update-service --service posthorn --force-new-deployment',
    'the check does not know it',
  ),
  before('the file of the other action', "printf '[]' > imagedefinitions.json", 'write imageDetail.json for'),
  before('the compose of before', 'docker-compose up -d', 'write docker compose'),
  buildspec(
    'a block that goes on',
    '      - npm cit',
    '      - |\n        npm cit\n        npm run lint',
    'npm cit',
    'begin the block with set -e',
  ),
];

/** What is in the file beside commands. */
export const BUILD_FILE_MISTAKES = [
  buildspec('another shell', 'shell: bash', 'shell: sh', 'shell', 'make the shell bash'),
  buildspec("no reports of Jest's", '    TEST_REPORTS: coverage\n', '', 'variables', 'set TEST_REPORTS'),
  buildspec(
    'Docker Hub',
    'PUBLIC_IMAGES: public.ecr.aws/docker/library',
    'PUBLIC_IMAGES: docker.io/library',
    'PUBLIC_IMAGES',
    'where the official images are',
  ),
  buildspec(
    'a key in the file',
    '    TEST_REPORTS: coverage',
    '    TEST_REPORTS: coverage\n    AWS_SECRET_ACCESS_KEY: abc',
    'AWS_SECRET',
    'everybody with the source reads',
  ),
  buildspec(
    'a variable that nobody reads',
    '    TEST_REPORTS: coverage',
    '    TEST_REPORTS: coverage\n    NODE_VERSION: 24',
    'NODE_VERSION',
    'no command reads it',
  ),
  buildspec(
    'a variable that is given',
    '    TEST_REPORTS: coverage',
    '    TEST_REPORTS: coverage\n    SCAN_SEVERITY: LOW',
    'SCAN_SEVERITY: LOW',
    'the build project gives it',
  ),
  buildspec('another Node', 'nodejs: 24', 'nodejs: 22', 'nodejs', 'make nodejs 24, as engines in package.json'),
  buildspec("the machine's Node", '    runtime-versions:\n      nodejs: 24\n', '', 'install', 'make nodejs 24'),
  buildspec(
    'a cache in S3',
    'reports:',
    'cache: { paths: [node_modules/**/*] }\nreports:',
    'cache',
    'a cache in S3 is not set up',
  ),
  buildspec(
    'secrets of the build',
    '  shell: bash',
    '  shell: bash\n  secrets-manager: { TOKEN: npm/token }',
    'secrets-manager',
    'may read no secret',
  ),
  buildspec('a report of another file', 'files: [junit.xml]', 'files: [test-results.xml]', 'files', 'take junit.xml'),
  buildspec('reports of everything', 'files: [clover.xml]', "files: ['**/*']", 'files', 'take clover.xml'),
  buildspec(
    'a phase that tries again',
    'on-failure: ABORT\n    commands:\n      - npm cit',
    'on-failure: RETRY\n    commands:\n      - npm cit',
    'on-failure',
    'make on-failure of pre_build ABORT',
  ),
];
