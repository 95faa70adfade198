import { inFile, type Mistake } from './mistake.js';

const appspec = (name: string, from: string, to: string, on: string, says: string): Mistake => ({
  name: `appspec: ${name}`,
  plant: inFile('appspec', from, to),
  file: 'appspec',
  on,
  says,
});

const buildspec = (name: string, from: string, to: string, on: string, says: string): Mistake => ({
  name: `buildspec: ${name}`,
  plant: inFile('buildspec', from, to),
  file: 'buildspec',
  on,
  says,
});

const HOOKS = `Hooks:
  # Through the test listener, while the old version has all traffic.
  - AfterAllowTestTraffic`;
const SECOND = `  - TargetService:
      Type: AWS::ECS::Service
      Properties: { TaskDefinition: <TASK_DEFINITION>, LoadBalancerInfo: { ContainerName: app, ContainerPort: 3000 } }

# Lambda`;

export const APPSPEC_MISTAKES: readonly Mistake[] = [
  appspec('another version', 'version: 0.0', 'version: 1.0', 'version', 'must be 0.0'),
  appspec('another container', 'ContainerName: app', 'ContainerName: api', 'ContainerName', 'write app'),
  appspec('another port', 'ContainerPort: 3000', 'ContainerPort: 80', 'ContainerPort', 'write 3000'),
  appspec('a port as text', 'ContainerPort: 3000', "ContainerPort: '3000'", 'ContainerPort', 'without quotes'),
  appspec('a misspelled key', 'LoadBalancerInfo', 'LoadbalancerInfo', 'LoadbalancerInfo', 'rename "LoadbalancerInfo"'),
  appspec('another type', 'AWS::ECS::Service', 'AWS::Lambda::Function', 'Type', 'must be AWS::ECS::Service'),
  appspec('two services', '# Lambda', SECOND, 'Resources', 'a list of one TargetService'),
  appspec('a fixed revision', '<TASK_DEFINITION>', 'posthorn:7', 'posthorn:7', 'write <TASK_DEFINITION>'),
  appspec(
    'a hook that no function has',
    '${NAME}-after-test-traffic',
    '${NAME}-smoke',
    'smoke',
    'call CodeDeployHook_${NAME}-after-test',
  ),
  appspec('a hook that does not exist', 'AfterAllowTraffic:', 'AfterTraffic:', 'AfterTraffic', 'rename "AfterTraffic"'),
  appspec(
    'a hook without a function',
    '- AfterAllowTraffic:',
    '- BeforeAllowTraffic:',
    'BeforeAllowTraffic',
    'remove the hook BeforeAllowTraffic',
  ),
  appspec(
    'a hook that is not called',
    '  - AfterAllowTraffic: CodeDeployHook_${NAME}-after-traffic\n',
    '',
    'Hooks',
    'add the hook AfterAllowTraffic',
  ),
  appspec('a map of hooks', HOOKS, 'Hooks:\n  AfterAllowTestTraffic', 'AfterAllowTraffic', 'correct the syntax'),
  appspec('a tab', '    Type', '\tType', 'Type', 'correct the syntax'),
];

export const BUILDSPEC_MISTAKES: readonly Mistake[] = [
  buildspec('the old version', 'version: 0.2', 'version: 0.1', 'version', 'must be 0.2'),
  buildspec('a phase that does not exist', '  pre_build:', '  prebuild:', 'prebuild', 'rename "prebuild"'),
  buildspec('a command that YAML reads as a map', '- npm cit', '- npm: cit', 'npm', 'must be text'),
  buildspec(
    'an exported variable of AWS',
    '  shell: bash',
    '  shell: bash\n  exported-variables: [AWS_KEY]',
    'AWS_KEY',
    'does not begin with AWS_',
  ),
  buildspec('a report of an unknown format', 'file-format: CLOVERXML', 'file-format: LCOV', 'LCOV', 'must be one of'),
  buildspec('a phase that goes on', 'on-failure: ABORT', 'on-failure: CONTINUE', 'CONTINUE', 'make on-failure of install ABORT'),
  buildspec('no tests', '- npm cit', '- npm ci', 'phases', 'run npm cit'),
  buildspec('tests that may fail', '- npm cit', '- npm cit\n      - npm run lint || true', 'lint', 'let the command fail'),
  buildspec('no test report', 'file-format: JUNITXML', 'file-format: CLOVERXML', 'reports:', 'a report of the tests'),
  buildspec('no coverage report', 'file-format: CLOVERXML', 'file-format: JUNITXML', 'reports:', 'a report of the coverage'),
  buildspec(
    'a report from another folder',
    'base-directory: coverage',
    'base-directory: reports',
    'base-directory',
    'make it coverage',
  ),
  buildspec(
    'another platform',
    '--platform linux/arm64',
    '--platform linux/amd64',
    'docker buildx build',
    '--platform linux/arm64',
  ),
  buildspec('the local builder', 'docker buildx build', 'docker build', 'docker build', 'with docker buildx build'),
  buildspec(
    'an image that was never started',
    '      - docker compose up --no-build',
    '      - docker compose pull',
    'docker compose exec',
    'start the image',
  ),
  buildspec(
    'readiness taken for health',
    ':3000/health\n',
    ':3000/health/ready\n',
    'docker compose exec',
    'ask http://127.0.0.1:3000/health of',
  ),
  buildspec(
    'a push before the question',
    '      - docker compose up',
    '      - docker push "$IMAGE_REPOSITORY_URI"\n      - docker compose up',
    'docker push',
    'before it is pushed',
  ),
  buildspec('a push after a failure', '      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1\n', '', 'IMAGE=', 'begin with test'),
  buildspec('a tag to deploy', 'grep "^$IMAGE_REPOSITORY_URI@sha256:"', 'head -1', 'DIGEST=', 'hand on the digest'),
  buildspec('a variable that is empty', '"$SCAN_SEVERITY"', '"$SEVERITY"', 'scan-gate', 'set SEVERITY before'),
  buildspec(
    'an artifact of another name',
    '    SpecArtifact:',
    '    BuildArtifact:',
    'BuildArtifact',
    'remove or rename BuildArtifact',
  ),
  buildspec(
    'no artifact for the image',
    'ImageArtifact:',
    'ImagesArtifact:',
    'secondary-artifacts',
    'add the secondary artifact ImageArtifact',
  ),
  buildspec(
    'the source as artifact',
    'files: [taskdef.json, appspec.yaml, fill-in.ts]',
    "files: ['**/*', taskdef.json, appspec.yaml, fill-in.ts]",
    '**/*',
    'above 3 MB',
  ),
  buildspec(
    'no appspec',
    'files: [taskdef.json, appspec.yaml, fill-in.ts]',
    'files: [taskdef.json, fill-in.ts]',
    'taskdef.json',
    'put appspec.yaml into SpecArtifact',
  ),
  buildspec(
    'the file of the other deploy action',
    'image/imageDetail.json',
    'image/imagedefinitions.json',
    'imageDetail.json',
    'release/image/imageDetail.json',
  ),
  buildspec('an image file of another form', '"ImageURI"', '"imageUri"', 'printf', 'write {"ImageURI"'),
  buildspec(
    'no program to fill in with',
    'files: [taskdef.json, appspec.yaml, fill-in.ts]',
    'files: [taskdef.json, appspec.yaml]',
    'taskdef.json',
    'put fill-in.ts into SpecArtifact',
  ),
  buildspec(
    'an artifact file that is copied elsewhere',
    'infra/pipeline/fill-in.ts release/spec/',
    'infra/pipeline/fill-in.ts release/',
    'files: [taskdef.json',
    'write release/spec/taskdef.json in a command',
  ),
  buildspec('a key twice', '  build:\n', '  install:\n', 'install', 'unique'),
];
