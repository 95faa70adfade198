import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Buildspec } from './check/buildspec-grammar.js';

const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
const NEEDED = [
  'buildspec.yml',
  'taskdef.json',
  'appspec.yaml',
  'infra/pipeline/fill-in.ts',
  'infra/pipeline/image-before.ts',
  'infra/pipeline/scan-gate.ts',
  'infra/supply/sbom.ts',
];
export const DIGEST = `sha256:${'5e'.repeat(32)}`;
/** What the tag of the base image is when it is asked for. */
export const BASE_DIGEST = `sha256:${'ba'.repeat(32)}`;
/** Of the image that was pushed last. */
export const DIGEST_BEFORE = `sha256:${'bf'.repeat(32)}`;

const NPM_SBOM = { metadata: { component: { 'bom-ref': 'posthorn@0.1.0' } }, components: [], dependencies: [] };
const INSIDE = {
  node: '24.1.0',
  osRelease: 'ID=debian',
  dpkgStatus: 'Package: libc6\nStatus: install ok installed\nVersion: 2.36',
};

/**
 * Writes down how it was called, and fails where the test says so. `docker image inspect` answers with digests, or with the labels that
 * the image was built with; the tag of the base image is another digest each time that it is asked for, except for the first.
 */
const STAND_IN = `#!/bin/bash
call="$(basename "$0") $*"
call="\${call%%$'\\n'*}"
printf '%s\\n' "$call" >>"$CALLS"
if [ -n "$FAIL_ON" ] && [[ "$call" == "$FAIL_ON"* ]]; then exit 1; fi
case "$call" in
  "aws ecr describe-images"*) printf '%s\\n' "$IMAGE_BEFORE" ;;
  "docker create"*) echo container ;;
  "docker cp"*) mkdir -p "$3" ;;
  "aws ecr describe-image-scan-findings"*) printf '%s' "$SCAN" ;;
  "docker buildx imagetools inspect"*)
    case "$(grep -c '^docker buildx imagetools' "$CALLS")" in 1) printf '%s\\n' "$BASE_ANSWER" ;; *) printf 'sha256:%064d\\n' 0 ;; esac ;;
  "docker image inspect --format {{json .Config.Labels}}"*)
    printf '{%s}' "$(grep '^docker buildx build' "$CALLS" | grep -oE 'org\\.opencontainers[^ ]+' | sed 's/=/":"/; s/.*/"&"/' | paste -sd,)" ;;
  "docker image inspect"*) printf '%s\\n\\n' "other.example/posthorn@sha256:00" "$IMAGE_REPOSITORY_URI@${DIGEST}" ;;
  "docker run"*) printf '%s' '${JSON.stringify(INSIDE)}' ;;
  "npm sbom"*) printf '%s' '${JSON.stringify(NPM_SBOM)}' ;;
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
  writeFileSync(join(folder, 'package.json'), '{"type":"module","name":"posthorn","version":"0.1.0"}');
  for (const name of ['aws', 'docker', 'npm']) standIn(join(folder, 'bin', name));
  const spec = parse(readFileSync(join(folder, 'buildspec.yml'), 'utf8')) as Buildspec;
  const calls = join(folder, 'calls');
  const { status, stderr } = spawnSync('bash', ['-c', script(spec)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 20_000,
    env: {
      ...spec.env?.variables,
      BASE_ANSWER: JSON.stringify(BASE_DIGEST),
      IMAGE_BEFORE: JSON.stringify(DIGEST_BEFORE),
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
