import type { Context } from '../context.js';
import { commandsOf, type Command } from './commands.js';
import { IMAGE_STEPS } from './image-steps.js';
import { REHEARSAL_STEPS } from './rehearsal-steps.js';
import { RELEASE_STEPS } from './release-steps.js';
import { need, type Build } from './state.js';

const STEPS = [...REHEARSAL_STEPS, ...IMAGE_STEPS, ...RELEASE_STEPS];
const HOME = 'test/deploy/check/build/';

/** In any command, known or not. */
const SWALLOWED: readonly [RegExp, string][] = [
  [/\|\|/, 'let the command fail: nothing else stops the release'],
  [/;/, 'write each command as an item of its own: of a line with ";" only the last one can fail'],
  [/(^|[^&>])&(?![&\d])/, 'remove the "&": what runs in the background can not fail, and may end after the build'],
  [/^!/, 'remove the "!": the command would have to fail for the build to go on'],
];

/** A variable in single quotes. */
const UNFILLED = /'[^']*\$\{?[A-Za-z_][^']*'/;

/** Commands whose absence or place says nothing: they are mistakes wherever they stand. */
const MISTAKES: readonly [RegExp, string][] = [
  [/^set \+/, 'let the commands fail: nothing else stops the release'],
  [/^cd /, 'remove the cd: all later commands would run there too'],
  [/imagedefinitions/, 'write imageDetail.json: imagedefinitions.json belongs to the action that deploys without CodeDeploy'],
  [/^docker-compose /, 'write docker compose: the build image has no docker-compose'],
  [/docker login .*(-p|--password)[ =]/, 'log in with --password-stdin: the log of the build shows the command'],
  [
    /\|\s*(tee|cat|head|tail|sed|awk|cut|tr|xargs|sort)\b[^|]*$/,
    'end the pipe with a command that fails without input, such as grep or jq -e: only the last one counts',
  ],
  [/^(env|printenv)\b/, 'remove it: the log of the build would show all variables'],
];

/**
 * Walks through the build as a data flow: each known command needs what others gave before it, and gives something itself. A
 * command that is not known is refused: the check could not say whether the release still stops when it fails.
 */
export function runBuild(context: Context): Build {
  const commands = commandsOf(context.buildspec);
  const build: Build = {
    context,
    command: commands[0]!,
    has: new Set(),
    images: new Set(),
    digests: new Set(),
    baseDigests: new Map(),
    stages: new Set(),
    replaced: new Map(),
    folders: new Set(),
    files: new Map(),
    tell: (message) => context.tell('buildspec', build.command.path, message),
  };
  for (const command of commands) {
    build.command = command;
    runCommand(build, command);
  }
  return build;
}

function runCommand(build: Build, { phase, last, text }: Command): void {
  if (/:latest\b/.test(text))
    build.tell('name a version for latest: what it is moves without a commit, and a rollback gets the same again');
  const parts = partsOf(text);
  if (text.trim().includes('\n') && !/^set -\w*e/.test(text))
    build.tell('begin the block with set -e, or write an item for each line: of a block only the last line can fail');
  for (const part of parts) {
    if (phase === 'post_build' && !last && !part.startsWith('test "$CODEBUILD_BUILD_SUCCEEDING')) need(build, 'guard');
    runPart(build, part);
  }
}

function runPart(build: Build, part: string): void {
  const swallowed = SWALLOWED.find(([pattern]) => pattern.test(part.replace(/"[^"]*"|'[^']*'/g, '')));
  // What runs at the end, also after a failure, stops no release anyway.
  if (swallowed && !build.command.last) return build.tell(swallowed[1]);
  if (UNFILLED.test(part.replace(/"[^"]*"/g, '')))
    return build.tell('put double quotes around a variable: in single quotes the shell does not fill it in');
  const known = stepOf(part);
  if (known) {
    known.step.run(build, known.match);
    if (!build.command.last) for (const thing of known.step.gives) build.has.add(thing);
    return;
  }
  const mistake = MISTAKES.find(([pattern]) => pattern.test(part));
  build.tell(
    mistake?.[1] ??
      `remove "${part}", or add it to ${HOME} with what it needs and what it gives: the check does not know it, nor whether the release stops when it fails`,
  );
}

function stepOf(part: string) {
  for (const step of STEPS) {
    const match = step.pattern.exec(part);
    if (match) return { step, match };
  }
  return undefined;
}

function partsOf(text: string): string[] {
  return text
    .split(/\n|\s&&\s/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('#'));
}
