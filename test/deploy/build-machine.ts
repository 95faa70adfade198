import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Buildspec } from './check/buildspec-grammar.js';

const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
const NEEDED = ['buildspec.yml', 'taskdef.json', 'appspec.yaml', 'infra/pipeline/fill-in.ts', 'infra/pipeline/scan-gate.ts'];
export const DIGEST = `sha256:${'5e'.repeat(32)}`;

/** Writes down how it was called, and fails where the test says so; `docker image inspect` answers with digests. */
const STAND_IN = `#!/bin/bash
call="$(basename "$0") $*"
printf '%s\\n' "$call" >>"$CALLS"
if [ -n "$FAIL_ON" ] && [[ "$call" == "$FAIL_ON"* ]]; then exit 1; fi
case "$call" in
  "aws ecr describe-image-scan-findings"*) printf '%s' "$SCAN" ;;
  "docker image inspect"*) printf '%s\\n\\n' "other.example/posthorn@sha256:00" "$IMAGE_REPOSITORY_URI@${DIGEST}" ;;
esac
`;

/** A run of buildspec.yml: what was called, in order, and what the build says at its end. */
export interface Build {
  calls: string[];
  status: number | null;
  stderr: string;
  /** A file that the build has made; undefined if it hasn't. */
  made(path: string): string | undefined;
  remove(): void;
}

/**
 * Runs buildspec.yml as CodeBuild would, in one shell, with stand-ins for aws, docker and npm. As on CodeBuild, post_build comes
 * also after a failure of the build phase; `on-failure: ABORT` is left out of account, so that the guards have to do their work.
 */
export function runBuild(project: string, variables: Record<string, string>, failOn = ''): Build {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-build-'));
  for (const path of NEEDED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(project, path), join(folder, path));
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const name of ['aws', 'docker', 'npm']) standIn(join(folder, 'bin', name));
  const spec = parse(readFileSync(join(folder, 'buildspec.yml'), 'utf8')) as Buildspec;
  const calls = join(folder, 'calls');
  const { status, stderr } = spawnSync('bash', ['-c', script(spec)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
    env: {
      ...spec.env?.variables,
      ...variables,
      CALLS: calls,
      FAIL_ON: failOn,
      PATH: [join(folder, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
    } as NodeJS.ProcessEnv,
  });
  const made = (path: string) => (existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : undefined);
  return {
    calls: (made('calls') ?? '').trimEnd().split('\n'),
    status,
    stderr,
    made,
    remove: () => rmSync(folder, { recursive: true }),
  };
}

function standIn(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, STAND_IN);
  chmodSync(path, 0o755);
}

function script({ phases }: Buildspec): string {
  const steps = PHASES.map((name) => {
    const { commands = [], finally: last = [] } = phases[name] ?? {};
    const enter = name === 'post_build' ? 'test "$BUILT" = 1' : 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1';
    const all = commands.map((command) => `{ ${command}\n}`).join(' && ');
    const reached = name === 'build' ? 'BUILT=1\n' : '';
    return `if ${enter}; then\n${reached}${all} || CODEBUILD_BUILD_SUCCEEDING=0\n${last.join('\n')}\nfi`;
  });
  return ['export CODEBUILD_BUILD_SUCCEEDING=1', ...steps, 'test "$CODEBUILD_BUILD_SUCCEEDING" = 1'].join('\n');
}
