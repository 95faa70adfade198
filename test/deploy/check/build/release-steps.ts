import { basename, join } from 'node:path';
import { FILES } from '../project.js';
import { wordsOf } from './commands.js';
import { make, makeFolder, need, type Build } from './state.js';
import type { Step } from './step.js';

/** Everything but the image: logins, packages, tests, and the files that are handed on. */
export const RELEASE_STEPS: readonly Step[] = [
  {
    pattern:
      /^aws ecr get-login-password(?: --region "?\$\{?AWS_REGION\}?"?)? \| docker login --username AWS --password-stdin (\S+)$/,
    gives: ['login'],
    run: logIn,
  },
  {
    pattern:
      /^aws ecr-public get-login-password --region us-east-1 \| docker login --username AWS --password-stdin (public\.ecr\.aws)$/,
    gives: ['publicLogin'],
    run: () => undefined,
  },
  { pattern: /^npm (?:cit|clean-install-test|install-ci-test)$/, gives: ['packages', 'tests'], run: () => undefined },
  { pattern: /^npm ci(?: --[\w-]+)*$/, gives: ['packages'], run: () => undefined },
  { pattern: /^npm (?:test|t)$/, gives: ['tests'], run: (build) => need(build, 'packages') },
  { pattern: /^npm run (?:-s |--silent )?(audit)$/, gives: ['audited'], run: runScript },
  { pattern: /^npm run (?:-s |--silent )?(check:image)$/, gives: ['looked'], run: lookInside },
  { pattern: /^npm run (?:-s |--silent )?([\w:-]+)$/, gives: [], run: runScript },
  { pattern: /^npm (install|i|it|install-test|update|add)\b.*$/, gives: ['packages'], run: installLoosely },
  { pattern: /^test "\$CODEBUILD_BUILD_SUCCEEDING"? (?:=|==|-eq) "?1"?$/, gives: ['guard'], run: () => undefined },
  { pattern: /^(?:export )?(\w+)=\$\((docker (?:image )?inspect .+)\)$/, gives: [], run: keepDigest },
  { pattern: /^(?:export )?(\w+)=((?!.*\$\()(?!.*`).*)$/, gives: [], run: setVariable },
  {
    pattern: /^mkdir -p (.+)$/,
    gives: [],
    run: (build, [, line = '']) => wordsOf(line).forEach((path) => makeFolder(build, path)),
  },
  { pattern: /^((?:printf|echo) .+?) ?(>>?) ?(\S+)$/, gives: [], run: write },
  { pattern: /^node infra\/pipeline\/fill-in\.ts (\S+) (\S+)$/, gives: [], run: fillIn },
  { pattern: /^cp (.+) (\S+)$/, gives: [], run: copy },
  { pattern: /^node infra\/pipeline\/scan-gate\.ts (.*)$/, gives: ['scanned'], run: judgeScan },
  { pattern: /^node infra\/supply\/sbom\.ts (\S+) (\S+)$/, gives: [], run: listParts },
  { pattern: /^node (?:--\S+ )*(infra\/pipeline\/\S+\.[cm]?[jt]s)(?: .*)?$/, gives: [], run: runProgram },
  {
    pattern: /^aws ecr (?:wait image-scan-complete|describe-image|describe-images|describe-image-scan-findings)\b.*$/,
    gives: [],
    run: (build) => need(build, 'pushed'),
  },
  {
    pattern: /^set -(?:e|u|x|o pipefail|eu|ex|euo pipefail|eo pipefail|exo pipefail|euxo pipefail)$/,
    gives: [],
    run: () => undefined,
  },
  {
    pattern:
      /^(?:echo|date|docker version|docker info|docker images|node --version|node -v|npm --version|npm -v|aws --version|ls)\b[^|;&<>`]*$/,
    gives: [],
    run: () => undefined,
  },
];

function logIn({ tell }: Build, [, registry = '']: RegExpExecArray): void {
  if (!/^"?\$\{IMAGE_REPOSITORY_URI%%\/\*\}"?$/.test(registry))
    tell(`log in to "\${IMAGE_REPOSITORY_URI%%/*}", the registry that is pushed to: it is ${registry}`);
}

function runScript(build: Build, [, name = '']: RegExpExecArray): void {
  need(build, 'packages');
  if (!Object.hasOwn(build.context.packageJson.scripts, name))
    build.tell(`run a script of ${FILES.packageJson}: it has no ${name}`);
}

/** It looks into the image that has the local name. */
function lookInside(build: Build, match: RegExpExecArray): void {
  need(build, 'image');
  runScript(build, match);
}

/** By its digest: the list names the image that it is of. */
function listParts(build: Build, [, image = '', path = '']: RegExpExecArray): void {
  need(build, 'pushed');
  const [name = ''] = wordsOf(image).map((word) => word.replace(/^\$\{?(\w+)\}?$/, '$1'));
  if (!build.digests.has(name)) build.tell(`list the parts of "$DIGEST", the image that is handed on: it is ${name}`);
  make(build, path, { kind: 'a list of parts', from: build.context.settings.pipeline.sbomFile });
}

function installLoosely({ tell }: Build, [, verb]: RegExpExecArray): void {
  tell(`write npm ci for npm ${verb}: npm ${verb} may take other versions than package-lock.json names`);
}

/** After the push: before it an image has no digest in the repository. */
function keepDigest(build: Build, [, name = '', command = '']: RegExpExecArray): void {
  need(build, 'pushed');
  build.digests.add(name);
  if (
    !command.startsWith(`docker image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$IMAGE" `) ||
    !command.endsWith('| grep "^$IMAGE_REPOSITORY_URI@sha256:"')
  )
    build.tell(
      'hand on the digest (repository@sha256:…), not a tag, and end with grep "^$IMAGE_REPOSITORY_URI@sha256:", which fails when there is none: a rollback must get the very image that ran',
    );
}

function setVariable({ context, tell }: Build, [, name = '', value = '']: RegExpExecArray): void {
  if (Object.hasOwn(context.settings.buildVariables, name))
    return tell(`remove it: ${name} is given to the build, ${context.settingsAt('buildVariables', name)}`);
  if (name !== 'IMAGE') return;
  if (!/^"\$IMAGE_REPOSITORY_URI:[^"]+"$/.test(value))
    tell('let IMAGE be "$IMAGE_REPOSITORY_URI:…", a tag of the repository that the service may pull from');
  if (!value.includes('$CODEBUILD_RESOLVED_SOURCE_VERSION') || !value.includes('$CODEBUILD_BUILD_NUMBER'))
    tell(
      'tag with $CODEBUILD_RESOLVED_SOURCE_VERSION-$CODEBUILD_BUILD_NUMBER: tags can not be moved, so a tag that was there before can not be pushed again',
    );
}

function write(build: Build, [, line = '', sign, path = '']: RegExpExecArray): void {
  const { context, tell } = build;
  const { imageFile } = context.settings.pipeline;
  if (basename(path) !== imageFile)
    return tell(`write ${imageFile} for ${path}: the deploy action for blue/green reads no other file`);
  make(build, path, { kind: 'the image', from: imageFile });
  const [, format = '', name = ''] = /^printf '([^']*)' "\$\{?(\w+)\}?"$/.exec(line) ?? [];
  need(build, 'scanned');
  if (!/^\{ ?"ImageURI": ?"%s" ?\}(\\n)?$/.test(format))
    tell(
      `write {"ImageURI":"…"} into ${imageFile}, as printf '{"ImageURI":"%s"}\\n' "$DIGEST": the deploy action reads that key`,
    );
  else if (!build.digests.has(name))
    tell(`hand on the digest (repository@sha256:…), not $${name}: a rollback must get the very image that ran`);
  if (sign === '>>') tell('write > for >>: two objects in a file are no JSON');
}

function fillIn(build: Build, [, from = '', to = '']: RegExpExecArray): void {
  build.tell(
    `copy ${from} as it is, with cp: each environment fills it in for itself (infra/lib/release-buildspec.ts), and the build has none of its variables`,
  );
  build.files.set(to, { kind: 'filled in', from, by: build.command.path });
}

function copy(build: Build, [, line = '', to = '']: RegExpExecArray): void {
  const sources = wordsOf(line);
  for (const from of sources.filter((word) => !word.startsWith('-'))) {
    if (!build.context.project.files.has(from) && !build.files.has(from))
      build.tell(`copy a file of the project, or one that was made before: there is no ${from}`);
    const path = build.folders.has(to.replace(/\/$/, '')) ? join(to, basename(from)) : to;
    make(build, path, build.files.get(from) ?? { kind: 'a copy', from });
  }
}

/** The scan begins with the push, and is of what has the digest. */
function judgeScan(build: Build, [, line = '']: RegExpExecArray): void {
  need(build, 'pushed');
  const [image = '', severity = ''] = wordsOf(line).map((word) => word.replace(/^\$\{?(\w+)\}?$/, '$1'));
  if (!build.digests.has(image)) build.tell(`judge "$DIGEST", the image that is handed on: it is ${image || 'missing'}`);
  if (severity !== 'SCAN_SEVERITY')
    build.tell(
      `give the gate "$SCAN_SEVERITY", the option scanSeverity of the installation, and nothing else: it is ${severity || 'missing'}`,
    );
  if (wordsOf(line).length > 2) build.tell('end the line after "$SCAN_SEVERITY": the gate takes nothing else');
}

function runProgram(build: Build, [, path = '']: RegExpExecArray): void {
  if (!build.context.project.files.has(path)) build.tell(`run a program of the project: it has no ${path}`);
}
