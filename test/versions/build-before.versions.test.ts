import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildBefore } from './build-before.js';

const UNKNOWN = 'f'.repeat(40);

describe('the build before', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const git = (cwd: string, ...args: string[]) => {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    return execFileSync('git', [...who, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  };
  const project = (id: string) => {
    const path = join(folder, 'project');
    mkdirSync(join(path, 'test/versions'), { recursive: true });
    writeFileSync(join(path, 'test/versions/build-before.txt'), `${id}\n`);
    writeFileSync(join(path, 'package-lock.json'), '{}');
    return path;
  };
  /** A repository with two commits, of which the first is the build before. */
  const repository = () => {
    const path = project(UNKNOWN);
    git(path, 'init', '--quiet');
    git(path, 'add', '--all');
    git(path, 'commit', '--quiet', '--message', 'first');
    project(git(path, 'rev-parse', 'HEAD'));
    git(path, 'commit', '--quiet', '--all', '--message', 'second');
    return path;
  };

  it('is refused, with what to do, where there is no history', () => {
    expect(() => buildBefore(project(UNKNOWN))).toThrow(
      /commit f{40} .* Git knows no repository here .* need a clone with its history/s,
    );
  });

  it('is refused where the commit is unknown', () => {
    repository();
    expect(() => buildBefore(project(UNKNOWN))).toThrow(/this repository has no such commit.*need a clone/s);
  });

  it('is refused where the clone is shallow', () => {
    const clone = join(folder, 'clone');
    git(folder, 'clone', '--quiet', '--depth', '1', `file://${repository()}`, clone);
    expect(() => buildBefore(clone)).toThrow(/this clone is shallow.*git fetch --unshallow/s);
  });

  it('is refused in a copy inside another repository', () => {
    const outer = repository();
    cpSync(join(outer, 'test'), join(outer, 'inner/test'), { recursive: true });
    expect(() => buildBefore(join(outer, 'inner'))).toThrow('no repository of its own');
  });

  it('is refused where its id is none', () => {
    expect(() => buildBefore(project('main'))).toThrow('must hold one commit id of 40 hexadecimal digits, not "main"');
  });
});
