import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { releaseBuildSpec } from '../lib/release-buildspec.ts';
import { namesOf, pipeline, releaseVariables } from '../lib/settings.ts';
import type { BuildSpec } from './support/artifact-flow.ts';
import { INFRA } from './support/synth.ts';

/** Stands in for the AWS CLI: notes how it was called, and answers as the files beside it say. */
const FAKE_AWS = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE/calls"
case "$1 $2" in
  'ecs register-task-definition') cp /tmp/migrate.json "$FAKE/registered.json"; echo arn:aws:ecs:r:a:task-definition/posthorn-staging-migrate:9;;
  'ecs run-task') cat "$FAKE/started.json";;
  'ecs describe-tasks') n=$(grep -c 'describe-tasks' "$FAKE/calls"); if [ "$n" -lt 3 ]; then cat "$FAKE/running.json"; else cat "$FAKE/stopped.json"; fi;;
  'logs get-log-events') echo 'migrated';;
esac
`;

const { phases, artifacts } = releaseBuildSpec(namesOf('posthorn-staging')) as Required<BuildSpec>;
let folder: string;
const write = (name: string, value: unknown) =>
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-migrate-'));
  write('aws', FAKE_AWS);
  chmodSync(join(folder, 'aws'), 0o755);
  for (const artifact of ['spec', 'image']) mkdirSync(join(folder, artifact));
  for (const file of ['taskdef.json', 'appspec.yaml']) write(`spec/${file}`, readFileSync(join(INFRA, '..', file), 'utf8'));
  write('spec/fill-in.ts', readFileSync(join(INFRA, 'pipeline', 'fill-in.ts'), 'utf8'));
  write('image/imageDetail.json', { ImageURI: 'registry/posthorn@sha256:abc' });
  write('started.json', { tasks: [{ taskArn: 'arn:aws:ecs:r:a:task/posthorn-staging/f00' }], failures: [] });
  write('running.json', { tasks: [{ lastStatus: 'RUNNING' }] });
  write('stopped.json', stopped(0));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stopped(exitCode: number | undefined) {
  return { tasks: [{ lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', containers: [{ name: 'app', exitCode }] }] };
}

function migrate(changed: NodeJS.ProcessEnv = {}) {
  const environment = {
    ...Object.fromEntries(Object.keys(releaseVariables).map((name) => [name, `value-of-${name}`])),
    NAME: 'posthorn-staging',
    AWS_REGION: 'somewhere',
    EXTRA_ENVIRONMENT: '{"LOG_LEVEL":"debug","ALLOWED_SUBNETS":"10.64.0.0/16"}',
    PATH: `${folder}:${dirname(process.execPath)}:${process.env.PATH}`,
    FAKE: folder,
    // As CodeBuild has them: the first artifact is where the build begins, the second has its name.
    CODEBUILD_SRC_DIR: join(folder, 'spec'),
    [`CODEBUILD_SRC_DIR_${pipeline.imageArtifact}`]: join(folder, 'image'),
    MIGRATION_ROLE_ARN: 'arn:role',
    DIRECT_URL_SECRET_ARN: 'arn:direct',
    MIGRATION_URL_SECRET_ARN: 'arn:migration',
    ADMIN_URL_SECRET_ARN: 'arn:admin',
    NETWORK: '{}',
    LOG_PREFIX: 'ecs',
    POLL_SECONDS: '0',
    ...changed,
  };
  const script = phases.build!.commands!.join('\n');
  const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], {
    cwd: join(folder, 'spec'),
    env: environment,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}
const registered = () => JSON.parse(readFileSync(join(folder, 'registered.json'), 'utf8'));
/** A file of the artifact that the deploy action takes. */
const filled = (file: string) => readFileSync(join(folder, 'spec', artifacts['base-directory']!, file), 'utf8');
const calls = () => readFileSync(join(folder, 'calls'), 'utf8');

describe('migration step', () => {
  it("runs the release's image once, under a family of its own, straight at the database, and shows the log", () => {
    const { status, said } = migrate();
    expect({ status, said: status === 0 ? '' : said }).toEqual({ status: 0, said: '' });
    const { family, executionRoleArn, taskRoleArn, containerDefinitions, ...others } = registered();
    const own = JSON.parse(filled('taskdef.json'));
    const { family: _f, executionRoleArn: _e, taskRoleArn: _t, containerDefinitions: _c, ...same } = own;
    expect(others).toEqual(same);
    expect([family, executionRoleArn, taskRoleArn]).toEqual(['posthorn-staging-migrate', 'arn:role', undefined]);
    expect(containerDefinitions[0].image).toBe('registry/posthorn@sha256:abc');
    expect(containerDefinitions[0].secrets).toEqual([
      { name: 'REDIS_URL', valueFrom: 'value-of-REDIS_URL_SECRET_ARN' },
      { name: 'JWT_SECRET', valueFrom: 'value-of-JWT_SECRET_ARN' },
      { name: 'ENCRYPTION_KEY', valueFrom: 'value-of-ENCRYPTION_KEY_SECRET_ARN' },
      { name: 'DATABASE_URL', valueFrom: 'arn:direct' },
      { name: 'DATABASE_MIGRATION_URL', valueFrom: 'arn:migration' },
      { name: 'DATABASE_ADMIN_URL', valueFrom: 'arn:admin' },
    ]);
    expect(containerDefinitions[0].healthCheck).toBeUndefined();
    expect(calls().match(/run-task/g)).toHaveLength(1);
    expect(calls()).toContain('"command":["dist/cli.js","migrate"]');
    expect(calls()).toContain('--log-stream-name ecs/app/f00');
    expect(said).toContain('migrated');
  });

  it('asks for nothing but to register, run, watch and read the log of its own task', () => {
    migrate();
    const task = 'arn:aws:ecs:r:a:task/posthorn-staging/f00';
    const watch = `ecs describe-tasks --cluster posthorn-staging --tasks ${task} --output json`;
    const overrides = '{"containerOverrides":[{"name":"app","command":["dist/cli.js","migrate"]}]}';
    expect(calls().trim().split('\n')).toEqual([
      'ecs register-task-definition --cli-input-json file:///tmp/migrate.json --query taskDefinition.taskDefinitionArn --output text',
      'ecs run-task --cluster posthorn-staging --launch-type FARGATE --count 1 --started-by pipeline' +
        ' --task-definition arn:aws:ecs:r:a:task-definition/posthorn-staging-migrate:9 --network-configuration {}' +
        ` --overrides ${overrides} --output json`,
      watch,
      watch,
      watch,
      'logs get-log-events --log-group-name /posthorn-staging/app --log-stream-name ecs/app/f00' +
        ' --start-from-head --query events[].message --output text',
    ]);
  });

  it('says how the task stopped, and fails with the message of AWS when it may not ask', () => {
    expect(migrate().said).toContain('Stopped: EssentialContainerExited -');
    write('aws', '#!/bin/sh\necho denied >&2; exit 254\n');
    const { status, said } = migrate();
    expect(status).not.toBe(0);
    expect(said).toContain('denied');
  });

  it('leaves what is deployed filled in for this environment, without the users of the migration', () => {
    migrate();
    const { family, containerDefinitions, taskRoleArn } = JSON.parse(filled('taskdef.json'));
    expect([family, taskRoleArn]).toEqual(['posthorn-staging', 'value-of-TASK_ROLE_ARN']);
    const [{ environment, secrets, image, logConfiguration }] = containerDefinitions;
    expect(secrets).toContainEqual({ name: 'DATABASE_URL', valueFrom: 'value-of-DATABASE_URL_SECRET_ARN' });
    expect(JSON.stringify(secrets)).not.toMatch(/ADMIN|MIGRATION/);
    expect(logConfiguration.options['awslogs-group']).toBe('/posthorn-staging/app');
    expect(image).toBe('<IMAGE1_NAME>');
    const given = environment.filter(({ name }: { name: string }) => /LOG_LEVEL|ALLOWED_SUBNETS/.test(name));
    expect(given).toEqual([
      { name: 'LOG_LEVEL', value: 'debug' },
      { name: 'ALLOWED_SUBNETS', value: '10.64.0.0/16' },
    ]);
    expect(filled('appspec.yaml')).toContain('CodeDeployHook_posthorn-staging-after-traffic');
    expect(artifacts.files).toEqual(['taskdef.json', 'appspec.yaml']);
    for (const file of artifacts.files!) expect(filled(file)).not.toContain('${');
  });

  it('starts nothing when a variable is missing, and names it', () => {
    const { status, said } = migrate({ QUEUE_URL: '' });
    expect(status).toBeGreaterThan(0);
    expect(said).toMatch(/taskdef\.json:\d+ set the variable QUEUE_URL of the migrate project/);
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });

  it.each(['PROVISIONING', 'PENDING', 'ACTIVATING', 'DEACTIVATING', 'STOPPING'])('waits while the task is %s', (lastStatus) => {
    write('running.json', { tasks: [{ lastStatus }] });
    expect(migrate().status).toBe(0);
    expect(calls().match(/describe-tasks/g)).toHaveLength(3);
  });

  it.each([
    ['it ends with an error', () => write('stopped.json', stopped(1)), 'exit code 1: nothing is deployed'],
    ['it never came up', () => write('stopped.json', stopped(undefined)), 'exit code none: nothing is deployed'],
    ['there is no room for it', () => write('started.json', { tasks: [], failures: [{ reason: 'CAPACITY' }] }), 'CAPACITY'],
    ['there is no image', () => write('image/imageDetail.json', '{}'), 'There is no ImageURI in imageDetail.json'],
    ['the task is gone', () => write('stopped.json', { tasks: [], failures: [{ reason: 'MISSING' }] }), '"reason":"MISSING"'],
    [
      'its image can not be pulled',
      () => write('stopped.json', { tasks: [{ lastStatus: 'STOPPED', containers: [{ name: 'app', reason: 'CannotPull' }] }] }),
      'CannotPull',
    ],
    ['ECS tells of no container', () => write('stopped.json', { tasks: [{ lastStatus: 'STOPPED' }] }), 'exit code none'],
  ])('fails when %s', (_what, prepare, message) => {
    prepare();
    const { status, said } = migrate();
    expect(status).toBeGreaterThan(0);
    expect(said).toContain(message);
  });

  it('does not take a task that is not listed yet for one that is gone', () => {
    write('running.json', { tasks: [], failures: [{ reason: 'MISSING' }] });
    expect(migrate().status).toBe(0);
  });

  it('ends in time with a sentence when the migration does not, shows its log so far, and leaves it running', () => {
    write('stopped.json', { tasks: [{ lastStatus: 'RUNNING' }] });
    const { status, said } = migrate({ WAIT_SECONDS: '0' });
    expect(status).toBe(1);
    expect(said).toMatch(/migrated\nThe migration is not done after 55 minutes\. It is not stopped/);
    expect(calls()).not.toContain('stop-task');
  });

  it('ends as the task ended when its log is missing', () => {
    write('aws', FAKE_AWS.replace("echo 'migrated'", 'exit 254'));
    expect(migrate()).toMatchObject({ status: 0, said: expect.stringContaining('The migration has no log') });
    write('stopped.json', stopped(3));
    expect(migrate()).toMatchObject({ status: 1, said: expect.stringContaining('ended with exit code 3') });
  });

  it.each([
    ['{bad', /EXTRA_ENVIRONMENT is no JSON/],
    ['["x"]', /EXTRA_ENVIRONMENT must be a JSON object of texts/],
    ['{"PORT":1}', /EXTRA_ENVIRONMENT must be a JSON object of texts/],
  ])('registers nothing with %s for the variables of the environment', (EXTRA_ENVIRONMENT, message) => {
    const { status, said } = migrate({ EXTRA_ENVIRONMENT });
    expect([status, said]).toEqual([1, expect.stringMatching(message)]);
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });
});
