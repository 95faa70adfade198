import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BASE_DIGEST, DIGEST, DIGEST_BEFORE, runBuild, type Build } from './build-machine.js';
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
  SCAN_SEVERITY: 'CRITICAL',
  SCAN: JSON.stringify(scanWith({ MEDIUM: 3 })),
};
function scanWith(findingSeverityCounts: Record<string, number>) {
  return { imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: { findingSeverityCounts } };
}

const BASE = 'node:24-bookworm-slim';
const PUBLIC_IMAGES = 'public.ecr.aws/docker/library';
const REHEARSAL = 'docker run --rm --network none';
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
  it('tests, builds, starts, asks, rehearses and only then pushes', () => {
    const run = build();

    const order = [
      'npm cit',
      'npm run audit',
      'docker buildx imagetools inspect',
      'docker buildx build',
      'npm run check:image',
      'docker compose up',
      'docker compose exec',
      'docker compose stop',
      REHEARSAL,
      'docker compose down',
      'docker push',
    ];
    const places = order.map((start) => run.calls.findIndex((call) => call.startsWith(start)));
    expect(run).toMatchObject({ status: 0 });
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(callsLike(run, 'docker push')).toEqual([`docker push ${IMAGE}`]);
  });

  it('hands on the image by its digest, and what the environments fill in with what fills it in', () => {
    const run = build();

    expect(JSON.parse(run.made('release/image/imageDetail.json')!)).toEqual({ ImageURI: `${REPOSITORY}@${DIGEST}` });
    for (const [file, text] of [
      ['taskdef.json', texts.taskdef],
      ['appspec.yaml', texts.appspec],
      ['fill-in.ts', texts.fillIn],
    ] as const)
      expect([file, run.made(`release/spec/${file}`) === text]).toEqual([file, true]);
  });

  it('builds every stage with the digest that the tag of the base image is, and records it with the image', () => {
    const [call = ''] = callsLike(build(), 'docker buildx build');

    expect(call).toContain(`--build-context ${BASE}=docker-image://${PUBLIC_IMAGES}/${BASE}@${BASE_DIGEST} `);
    expect(call).toContain(`--label org.opencontainers.image.base.name=${PUBLIC_IMAGES}/${BASE} `);
    expect(call).toContain(`--label org.opencontainers.image.base.digest=${BASE_DIGEST} `);
    expect(call).toContain('--label org.opencontainers.image.revision=0a1b2c3d ');
  });

  it('asks for the digest once: the tag may have moved a moment later', () => {
    expect(callsLike(build(), 'docker buildx imagetools')).toHaveLength(1);
  });

  it.each(['', 'Name: node', 'sha256:abc'])('builds nothing when the registry answers "%s" for the digest', (BASE_ANSWER) => {
    const run = build('', { ...variables, BASE_ANSWER });

    expect(run.status).toBe(1);
    expect(callsLike(run, 'docker buildx build')).toEqual([]);
  });

  it('builds the stage that rehearses with the same digest, under a name of its own', () => {
    const [, call = ''] = callsLike(build(), 'docker buildx build');

    expect(call).toContain(`--build-context ${BASE}=docker-image://${PUBLIC_IMAGES}/${BASE}@${BASE_DIGEST} `);
    expect(call).toContain('--target rehearsal --tag posthorn-rehearsal:local ');
  });

  it('rehearses the release against the image that was pushed last', () => {
    const run = build();

    expect(callsLike(run, 'docker pull')).toEqual([`docker pull --quiet ${REPOSITORY}@${DIGEST_BEFORE}`]);
    expect(callsLike(run, 'docker cp')).toEqual(['docker cp container:/app release/before']);
    expect(callsLike(run, REHEARSAL)).toEqual([
      expect.stringContaining('/release posthorn-rehearsal:local --before /release/before '),
    ]);
  });

  it('rehearses the first release against itself, and says so', () => {
    const run = build('', { ...variables, IMAGE_BEFORE: 'null' });

    expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining('has no image yet: this build replaces itself') });
    expect(callsLike(run, 'docker pull')).toEqual([]);
    expect(callsLike(run, REHEARSAL)).toEqual([expect.stringContaining(' --before /app ')]);
  });

  it.each(['aws ecr describe-images', 'docker pull', 'docker create', 'docker cp'])(
    'rehearses nothing, and says why, when "%s" fails',
    (step) => {
      const run = build(step);

      expect(run.stderr).toMatch(new RegExp(`image that this build replaces can't be had[^\\n]*\\n${step}`));
      expect(callsLike(run, REHEARSAL)).toEqual([]);
    },
  );

  it('hands on the list of what is in the image, with its digest and that of the base image', () => {
    const sbom = build().made('release/supply/sbom.cdx.json')!;

    expect(sbom).toContain(`"value": "${REPOSITORY}@${DIGEST}"`);
    expect(sbom).toContain(`"content": "${BASE_DIGEST.replace('sha256:', '')}"`);
  });

  it.each([
    'docker login',
    'npm cit',
    'npm run audit',
    'docker buildx imagetools inspect',
    'docker buildx build',
    'npm run check:image',
    'docker compose up',
    'docker compose exec',
    'aws ecr describe-images',
    'docker pull',
    'docker buildx build --platform linux/arm64 --provenance=false --load --target',
    REHEARSAL,
  ])('pushes nothing when "%s" fails', (step) => {
    const run = build(step);

    expect(run.status).toBe(1);
    expect(callsLike(run, 'docker push')).toEqual([]);
    expect(run.made('release/image/imageDetail.json')).toBeUndefined();
  });

  it.each([
    'docker tag',
    'docker push',
    'docker image inspect',
    'aws ecr describe-image-scan-findings',
    'npm sbom',
    'docker run --rm --read-only',
  ])('releases nothing when "%s" fails', (step) => {
    const run = build(step);

    expect(run.status).toBe(1);
    expect(run.made('release/image/imageDetail.json')).toBeUndefined();
    expect(run.made('release/spec/taskdef.json')).toBeUndefined();
  });

  it.each(['docker compose up', REHEARSAL])('takes the parts beside the image down again when "%s" fails', (step) => {
    expect(callsLike(build(step), 'docker compose down')).toHaveLength(1);
  });

  it.each([
    ['CRITICAL', '1 CRITICAL', 1],
    ['NONE', '', 0],
  ])('with a critical finding of the scan and the gate at %s it says "%s" and ends with %i', (SCAN_SEVERITY, says, status) => {
    const run = build('', { ...variables, SCAN_SEVERITY, SCAN: JSON.stringify(scanWith({ CRITICAL: 1 })) });

    expect(run.status).toBe(status);
    expect(run.stderr).toContain(says);
    expect(run.made('release/image/imageDetail.json') === undefined).toBe(status === 1);
  });
});
