import { dirname, join } from 'node:path';
import { jsonOf, type Stage } from '../dockerfile.js';
import { FILES } from '../project.js';
import { optionsOf, wordsOf } from './commands.js';
import { BUILD_OPTIONS, checkBuilder, localImage, refuseUnknown } from './image-steps.js';
import { make, need, type Build } from './state.js';
import type { Step } from './step.js';

const RUN_FLAGS = ['--rm', '--init'];
const RUN_OPTIONS = [...RUN_FLAGS, '--network', '--volume'];
const PROGRAM = 'rehearsal/rehearse.ts';
const PROGRAM_FLAGS = ['--quiet', '--short'];
const PROGRAM_OPTIONS = [...PROGRAM_FLAGS, '--before', '--report', '--junit', '--at-once'];
const PROGRAM_REFUSED = {
  '--list': 'it plays nothing',
  '--speed': 'what passes at another speed says little of a laptop, where the scenarios were tried at the usual one',
};

/** Between the smoke test and the push: a release of the image is played, against the one that it replaces. */
export const REHEARSAL_STEPS: readonly Step[] = [
  { pattern: /^docker buildx build (.*--target .+)$/, gives: ['stage'], run: buildStage },
  {
    pattern: /^(?:export )?(\w+)=\$\(node infra\/pipeline\/image-before\.ts (\S+) (\S+)\)$/,
    gives: ['replaced'],
    run: fetchReplaced,
  },
  { pattern: /^docker run (.+)$/, gives: ['rehearsed'], run: rehearse },
];

const programOf = ({ instructions }: Stage) => jsonOf(instructions.findLast(({ name }) => name === 'ENTRYPOINT')?.rest) ?? [];

function buildStage(build: Build, [, line = '']: RegExpExecArray): void {
  const { context, tell, stages } = build;
  const { given } = checkBuilder(build, line, [...BUILD_OPTIONS, '--target']);
  const [target = ''] = given.get('--target') ?? [];
  const [tag = ''] = given.get('--tag') ?? [];
  const stage = context.image.stages.find(({ name }) => name === target);
  if (!stage) return tell(`build a stage of ${FILES.dockerfile}: it has no ${target}`);
  const program = programOf(stage);
  if (!program.includes(PROGRAM) || !program.includes('--short'))
    tell(
      `remove --target ${target}, or build the stage whose ENTRYPOINT runs ${PROGRAM} --short: that of ${target} is ${JSON.stringify(program)}`,
    );
  if (!/^[\w.-]+:[\w.-]+$/.test(tag) || tag === localImage(context))
    tell(`give the stage ${target} a --tag of its own, such as posthorn-${target}:local: it is ${tag || 'missing'}`);
  stages.add(tag);
}

function fetchReplaced(build: Build, [, variable = '', repository = '', folder = '']: RegExpExecArray): void {
  const { tell, replaced } = build;
  need(build, 'login');
  if (!/^"\$\{?IMAGE_REPOSITORY_URI\}?"$/.test(repository))
    tell(`fetch from "$IMAGE_REPOSITORY_URI", the repository that is pushed to: it is ${repository}`);
  if (!build.folders.has(dirname(folder))) tell(`make the folder before: mkdir -p ${dirname(folder)}`);
  replaced.set(variable, folder);
}

function rehearse(build: Build, [, line = '']: RegExpExecArray): void {
  const words = wordsOf(line);
  need(build, 'running', 'asked', 'replaced', 'stage');
  const at = words.findIndex((word) => build.stages.has(word));
  if (at < 0)
    return build.tell(`run the image of the stage that rehearses, ${[...build.stages].join(' or ')}: the check knows no other`);
  const { given } = optionsOf(words.slice(0, at), RUN_FLAGS);
  refuseUnknown(build, given, RUN_OPTIONS);
  if (given.get('--network')?.join() !== 'none')
    build.tell('add --network none: everything that a rehearsal calls is in the container, and nothing else is to be reached');
  checkProgram(build, words.slice(at + 1), given.get('--volume') ?? []);
}

function checkProgram(build: Build, words: readonly string[], volumes: readonly string[]): void {
  const { tell } = build;
  const { given, rest } = optionsOf(words, PROGRAM_FLAGS);
  refuseUnknown(build, given, PROGRAM_OPTIONS, PROGRAM_REFUSED);
  if (rest.length > 0) tell(`remove ${rest.join(' ')}: the short form says which scenarios are played`);
  const outside = (path: string) => outsideOf(volumes, path);
  const [variable = '', folder = ''] = [...build.replaced][0] ?? [];
  // Without an image before, what the stage itself has in /app.
  const before = given.get('--before')?.[0] ?? '';
  if (variable !== '' && (before !== `/\${${variable}:-app}` || outside(`/${folder}`) !== folder))
    tell(
      `give it --before "/\${${variable}:-app}", and mount the folder with --volume "$PWD/${top(folder)}:/${top(folder)}": else the release is played against itself`,
    );
  const [report, junit] = ['--report', '--junit'].map((name) => outside(given.get(name)?.[0] ?? ''));
  if (!report || !junit)
    return tell('keep what it found: --report FOLDER and --junit FILE in a folder that is mounted; the container is removed');
  make(build, join(report, '*'), { kind: 'a report', from: '*' });
  make(build, junit, { kind: 'a report', from: junit });
}

const top = (path: string) => path.split('/')[0]!;

/** Where a path of the container is on the build machine, from the root of the source; undefined if it is not mounted. */
function outsideOf(volumes: readonly string[], path: string): string | undefined {
  for (const volume of volumes) {
    const [, source = '', target = ''] = /^\$PWD\/([^:]+):(\/[^:]+)$/.exec(volume) ?? [];
    if (target !== '' && path.startsWith(`${target}/`)) return join(source, path.slice(target.length));
  }
  return undefined;
}
