import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DIGEST, runBuild, type Build } from './build-machine.js';
import { readProject } from './check/project.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const REPOSITORY = 'registry.example/posthorn';
const { settings, texts } = readProject(PROJECT);
const variables = {
  ...Object.fromEntries(Object.keys(settings.buildVariables).map((name) => [name, `value-of-${name}`])),
  IMAGE_REPOSITORY_URI: REPOSITORY,
  AWS_REGION: 'eu-west-1',
  CODEBUILD_RESOLVED_SOURCE_VERSION: '0a1b2c3d',
  CODEBUILD_BUILD_NUMBER: '17',
};
const IMAGE = `${REPOSITORY}:0a1b2c3d-17`;
const builds: Build[] = [];

function build(failOn?: string, given: Record<string, string> = variables): Build {
  const run = runBuild(PROJECT, given, failOn);
  builds.push(run);
  return run;
}

const callsLike = ({ calls }: Build, start: string) => calls.filter((call) => call.startsWith(start));

afterEach(() => {
  for (const run of builds.splice(0)) run.remove();
});

describe('buildspec.yml', () => {
  it('tests, builds, starts, asks and only then pushes', () => {
    const run = build();

    const order = [
      'npm cit',
      'docker buildx build',
      'docker compose up',
      'docker compose exec',
      'docker compose down',
      'docker push',
    ];
    const places = order.map((start) => run.calls.findIndex((call) => call.startsWith(start)));
    expect(run).toMatchObject({ status: 0 });
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(callsLike(run, 'docker push')).toEqual([`docker push ${IMAGE}`]);
  });

  it('hands on the image by its digest, and the task definition filled in', () => {
    const run = build();

    expect(JSON.parse(run.made('release/image/imageDetail.json')!)).toEqual({ ImageURI: `${REPOSITORY}@${DIGEST}` });
    expect(run.made('release/spec/appspec.yaml')).toBe(texts.appspec);
    const taskdef = run.made('release/spec/taskdef.json')!;
    expect(taskdef).not.toContain('${');
    expect(JSON.parse(taskdef)).toMatchObject({
      cpu: 'value-of-TASK_CPU',
      containerDefinitions: [{ image: '<IMAGE1_NAME>', logConfiguration: { options: { 'awslogs-region': 'eu-west-1' } } }],
    });
  });

  it.each(['docker login', 'npm cit', 'docker buildx build', 'docker compose up', 'docker compose exec'])(
    'pushes nothing when "%s" fails',
    (step) => {
      const run = build(step);

      expect(run.status).toBe(1);
      expect(callsLike(run, 'docker push')).toEqual([]);
      expect(run.made('release/image/imageDetail.json')).toBeUndefined();
    },
  );

  it.each(['docker tag', 'docker push', 'docker image inspect'])('releases nothing when "%s" fails', (step) => {
    const run = build(step);

    expect(run.status).toBe(1);
    expect(run.made('release/image/imageDetail.json')).toBeUndefined();
    expect(run.made('release/spec/taskdef.json')).toBeUndefined();
  });

  it('takes the parts beside the image down again when it does not become healthy', () => {
    expect(callsLike(build('docker compose up'), 'docker compose down')).toHaveLength(1);
  });

  it('fails and names the variable that the build project does not give', () => {
    const { TASK_ROLE_ARN: _without, ...rest } = variables as Record<string, string>;

    const run = build('', rest);

    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^taskdef\.json:\d+ set the variable TASK_ROLE_ARN /m);
    expect(run.made('release/spec/taskdef.json')).toBeUndefined();
  });
});
