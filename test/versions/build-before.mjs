// The build before: the commit that test/versions/build-before names, out of this repository's history, built by its own scripts.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const ID_FILE = 'test/versions/build-before';
const CACHE = join(PROJECT, '.cache/build-before');
const MOST_BYTES = 256 * 1024 * 1024;

/** Commit id of the build before. Throws where the file does not hold a whole one. */
export function idOfBuildBefore() {
  const id = readFileSync(join(PROJECT, ID_FILE), 'utf8').trim();
  if (!/^[0-9a-f]{40}$/.test(id)) throw new Error(`${ID_FILE} must hold one commit id of 40 hexadecimal digits, not "${id}".`);
  return id;
}

/**
 * Folder of the build before, with its dist/ and node_modules/. Made once and kept in .cache/ until the id or the packages
 * change. Throws, saying what to do, where the history lacks the commit, and where it does not build.
 */
export function buildBefore() {
  const id = idOfBuildBefore();
  knownCommit(id);
  const ownPackages = git(['show', `${id}:package-lock.json`]) !== readFileSync(join(PROJECT, 'package-lock.json'), 'utf8');
  const folder = join(CACHE, id);
  if (existsSync(folder) && lstatSync(join(folder, 'node_modules')).isSymbolicLink() !== ownPackages) return folder;

  rmSync(CACHE, { recursive: true, force: true });
  const unfinished = `${folder}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  run('tar', ['-x'], { cwd: unfinished, input: git(['archive', '--format=tar', id], null) });
  if (ownPackages) npm(unfinished, ['ci', '--no-audit', '--no-fund']);
  else symlinkSync(relative(unfinished, join(PROJECT, 'node_modules')), join(unfinished, 'node_modules'));
  npm(unfinished, ['run', '-s', 'build']);
  renameSync(unfinished, folder);
  return folder;
}

/** Git's own words for a commit that isn't there are no help. */
function knownCommit(id) {
  const missing = (why) =>
    new Error(
      `The build before (commit ${id} in ${ID_FILE}) can't be had: ${why}. These tests need a clone with its history:` +
        ' "git fetch --unshallow" brings what a shallow one lacks; sources without .git, as CodeBuild has them, are no place for them.',
    );
  const answers = (args) => {
    try {
      return git(args).trim();
    } catch (error) {
      return error.code === 'ENOENT' ? missing('there is no git') : null;
    }
  };
  const top = answers(['rev-parse', '--show-toplevel']);
  if (top instanceof Error) throw top;
  if (top === null || resolve(top) !== PROJECT) throw missing('this folder is no git repository');
  if (answers(['cat-file', '-t', id]) === 'commit') return;
  throw missing(
    answers(['rev-parse', '--is-shallow-repository']) === 'true' ? 'this clone is shallow' : 'no such commit is known here',
  );
}

function git(args, encoding = 'utf8') {
  return run('git', args, { cwd: PROJECT, encoding, stdio: ['ignore', 'pipe', 'pipe'] });
}

function npm(cwd, args) {
  console.error(`Build before: npm ${args.join(' ')}`);
  // What npm itself has set for our own script is not for another package.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle)_/.test(name)));
  run('npm', args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
}

function run(program, args, options) {
  return execFileSync(program, args, { maxBuffer: MOST_BYTES, ...options });
}
