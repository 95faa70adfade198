import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyApp, lastImage } from '../../infra/pipeline/image-before.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const REPOSITORY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/posthorn';

describe('the image that was pushed last', () => {
  const asked = (answer: string) => {
    const calls: string[] = [];
    const image = lastImage(REPOSITORY, (program, args) => (calls.push([program, ...args].join(' ')), answer));
    return { image, calls };
  };

  it('is the newest one with a tag, by its digest', () => {
    expect(asked(`"${DIGEST}"\n`)).toEqual({
      image: `${REPOSITORY}@${DIGEST}`,
      calls: [
        expect.stringMatching(/^aws ecr describe-images --repository-name team\/posthorn .*tagStatus=TAGGED .*imagePushedAt/),
      ],
    });
  });

  it('is asked for as JSON: as text, each page of the answer has a newest one', () => {
    expect(asked(`"${DIGEST}"`).calls[0]).toMatch(/--output json$/);
  });

  it('is none in a new repository', () => {
    expect(asked('null\n').image).toBeNull();
  });

  it.each(['', 'None', '"sha256:00"', `"${DIGEST}"\n"${DIGEST}"`])('is not taken for none when the answer is "%s"', (answer) => {
    expect(() => asked(answer)).toThrow('the digest of the newest image of team/posthorn, and answered');
  });
});

describe('what an image has in /app', () => {
  it('is copied out of a container that is never started, and removed afterwards', () => {
    const calls: string[] = [];
    copyApp('image', '/nowhere/before', (program, args) => (calls.push([program, ...args].join(' ')), 'c1\n'));
    expect(calls).toEqual([
      'docker pull --quiet image',
      'docker create image',
      'docker cp c1:/app /nowhere/before',
      'docker rm c1',
    ]);
  });

  it('leaves no container behind when it can not be copied', () => {
    const calls: string[] = [];
    const call = (_program: string, [verb = '']: string[]) => {
      calls.push(verb);
      if (verb === 'cp') throw new Error('no space left');
      return 'c1';
    };
    expect(() => copyApp('image', '/nowhere/before', call)).toThrow('no space left');
    expect(calls).toEqual(['pull', 'create', 'cp', 'rm']);
  });
});

describe('the program, with the AWS CLI and Docker', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-before-'));
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** The words are what each program does; one that has none is not installed. */
  const fetched = (programs: Record<string, string>, ...args: string[]) => {
    for (const [name, script] of Object.entries(programs))
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const program = resolve(import.meta.dirname, '../../infra/pipeline/image-before.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 20_000,
      env: { PATH: join(folder, 'bin') },
    });
    return { status, stdout, stderr };
  };
  const FOUND = `echo '"${DIGEST}"'`;

  it('prints the folder, and says of which image it is', () => {
    expect(fetched({ aws: FOUND, docker: 'echo c1' }, REPOSITORY, 'before')).toEqual({
      status: 0,
      stdout: 'before',
      stderr: `This build replaces ${REPOSITORY}@${DIGEST}.\n`,
    });
  });

  it('prints nothing where there is no image, and says what that means', () => {
    expect(fetched({ aws: 'echo null' }, REPOSITORY, 'before')).toEqual({
      status: 0,
      stdout: '',
      stderr: expect.stringContaining('has no image yet: this build replaces itself'),
    });
  });

  it.each([
    ['the AWS CLI is not installed', {}, 'aws is not installed here'],
    ['ECR refuses', { aws: 'echo AccessDenied >&2; exit 254' }, 'describe-images .*: AccessDenied'],
    ['there is no such repository', { aws: 'echo RepositoryNotFoundException >&2; exit 254' }, 'RepositoryNotFoundException'],
    ['the pull is refused', { aws: FOUND, docker: 'echo denied: no >&2; exit 1' }, 'docker pull .*: denied: no'],
  ])('ends the build with a sentence when %s', (_when, programs, words) => {
    expect(fetched(programs as Record<string, string>, REPOSITORY, 'before')).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^The image that this build replaces can't be had\\..*\n.*${words}`)),
    });
  });

  it('says how it is called', () => {
    expect(fetched({}, REPOSITORY).stderr).toContain('Usage: node infra/pipeline/image-before.ts REPOSITORY FOLDER');
  });
});
