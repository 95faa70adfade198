// The build before: the commit that test/versions/build-before.txt names, out of this repository's history, built by its own scripts.
import { execFileSync, type ExecFileSyncOptions } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const ID_FILE = 'test/versions/build-before.txt';
const MOST_BYTES = 256 * 1024 * 1024;

/** Commit id of the build before. Throws where the file does not hold a whole one. */
export function idOfBuildBefore(project = PROJECT): string {
  const id = readFileSync(join(project, ID_FILE), 'utf8').trim();
  if (!/^[0-9a-f]{40}$/.test(id)) throw new Error(`${ID_FILE} must hold one commit id of 40 hexadecimal digits, not "${id}".`);
  return id;
}

/**
 * Folder of the build before, with its dist/ and node_modules/. Made once and kept in .cache/ until the id or the packages change.
 * Throws, saying what to do, where the history lacks the commit; and where it does not build.
 */
export function buildBefore(project = PROJECT): string {
  const id = idOfBuildBefore(project);
  requireCommit(project, id);
  const cache = join(project, '.cache/build-before');
  const folder = join(cache, id);
  const ownPackages =
    git(project, ['show', `${id}:package-lock.json`]) !== readFileSync(join(project, 'package-lock.json'), 'utf8');
  const hasOwn = () => !lstatSync(join(folder, 'node_modules')).isSymbolicLink();
  if (existsSync(folder) && hasOwn() === ownPackages) return folder;

  rmSync(cache, { recursive: true, force: true });
  const unfinished = `${folder}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  const sources = execFileSync('git', ['archive', '--format=tar', id], { cwd: project, maxBuffer: MOST_BYTES });
  execFileSync('tar', ['-x'], { cwd: unfinished, input: sources });
  if (ownPackages) npm(unfinished, ['ci', '--no-audit', '--no-fund']);
  else symlinkSync(relative(unfinished, join(project, 'node_modules')), join(unfinished, 'node_modules'));
  npm(unfinished, ['run', '-s', 'build']);
  renameSync(unfinished, folder);
  return folder;
}

/** Git's own words for a commit that isn't there are no help. */
function requireCommit(project: string, id: string): void {
  const why = whyMissing(project, id);
  if (why === null) return;
  throw new Error(
    `The build before (commit ${id} in ${ID_FILE}) can't be had: ${why}. These tests need a clone with its history: ` +
      '"git fetch --unshallow" brings what a shallow one lacks; sources without .git, as CodeBuild has them, are no place for them.',
  );
}

function whyMissing(project: string, id: string): string | null {
  const asked = (args: string[]) => {
    try {
      return { answer: git(project, args).trim() };
    } catch (error) {
      return { answer: null, said: String((error as { stderr?: unknown }).stderr ?? (error as Error).message).trim() };
    }
  };
  const top = asked(['rev-parse', '--show-toplevel']);
  if (top.answer === null) return `Git knows no repository here (${top.said})`;
  if (top.answer !== realpathSync(project)) return `this folder is no repository of its own, but part of ${top.answer}`;
  if (asked(['cat-file', '-t', id]).answer === 'commit') return null;
  const isShallow = asked(['rev-parse', '--is-shallow-repository']).answer === 'true';
  return isShallow ? 'this clone is shallow' : 'this repository has no such commit';
}

function git(cwd: string, args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', maxBuffer: MOST_BYTES, stdio: ['ignore', 'pipe', 'pipe'] });
}

function npm(cwd: string, args: string[]): void {
  // What npm has set for our own script is not for another package.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)));
  const options: ExecFileSyncOptions = { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] };
  execFileSync('npm', args, options);
}
