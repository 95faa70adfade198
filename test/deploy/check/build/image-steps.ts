import type { Service } from '../compose/compose-grammar.js';
import type { Context } from '../context.js';
import { FILES } from '../project.js';
import { checkBases, checkLabels, resolveBase } from './base-steps.js';
import { optionsOf, wordsOf, type Options } from './commands.js';
import { need, type Build } from './state.js';
import type { Step } from './step.js';

const PLATFORMS: Readonly<Record<string, string>> = { ARM64: 'linux/arm64', X86_64: 'linux/amd64' };
const HOME = 'test/deploy/check/build/image-steps.ts';

const BUILD_FLAGS = ['--load', '--push', '--pull', '--no-cache', '--quiet', '-q'];
export const BUILD_OPTIONS = [
  '--load',
  '--pull',
  '--no-cache',
  '--platform',
  '--provenance',
  '--tag',
  '--build-context',
  '--label',
  '--progress',
];
const NO_BUILDER =
  "Docker's own builder builds here. Any other runs as a container from Docker Hub (moby/buildkit), which counts the anonymous pulls of all builds of a region: too many, and the build fails";
const BUILD_REFUSED: Readonly<Record<string, string>> = {
  '--builder': NO_BUILDER,
  '--cache-from': `a cache in a registry needs a builder of its own. ${NO_BUILDER}`,
  '--cache-to': `a cache in a registry needs a builder of its own. ${NO_BUILDER}`,
  '--push': 'push after the smoke test, not with --push',
};
const UP_FLAGS = [
  '--no-build',
  '--build',
  '--detach',
  '-d',
  '--wait',
  '--quiet-pull',
  '--force-recreate',
  '--remove-orphans',
  '--no-deps',
];
const UP_OPTIONS = ['--no-build', '--detach', '-d', '--wait', '--wait-timeout', '--quiet-pull'];

/** From the build to the push. */
export const IMAGE_STEPS: readonly Step[] = [
  {
    pattern: /^docker buildx (create|use|bake|install)\b.*$/,
    gives: [],
    run: ({ tell }, [, verb]) => tell(`remove docker buildx ${verb}: ${NO_BUILDER}`),
  },
  { pattern: /^(?:export )?(\w+)=\$\((docker buildx imagetools inspect .+)\)$/, gives: [], run: resolveBase },
  { pattern: /^docker buildx build (.+)$/, gives: ['image'], run: buildImage },
  {
    pattern: /^docker build (.+)$/,
    gives: ['image'],
    run: (build, match) => {
      build.tell('build the image with docker buildx build, which takes the base image from --build-context');
      buildImage(build, match);
    },
  },
  { pattern: /^docker compose up (.+)$/, gives: ['running'], run: startImage },
  { pattern: /^docker compose exec (.*)node dist\/cli\.js healthcheck (\S+)$/, gives: ['asked'], run: askImage },
  { pattern: /^curl (.*?)(http:\/\/\S+)(.*)$/, gives: ['asked'], run: askByCurl },
  { pattern: /^docker compose (logs|stop|down|ps|pull)\b(.*)$/, gives: [], run: lookAtServices },
  { pattern: /^docker tag (\S+) (\S+)$/, gives: [], run: tagImage },
  { pattern: /^docker push (\S+)$/, gives: ['pushed'], run: pushImage },
];

/** The image's local name: what docker-compose.yml calls that of the app. */
export function localImage({ compose }: Context): string {
  return compose.services['app']?.image ?? '';
}

/** Tells of each option that is not known, with the reason if there is one. */
export function refuseUnknown(
  { tell }: Build,
  given: ReadonlyMap<string, unknown>,
  known: readonly string[],
  reasons: Readonly<Record<string, string>> = {},
): void {
  for (const name of given.keys()) {
    if (known.includes(name)) continue;
    const reason = reasons[name] ?? `the check does not know what it does to the release. If it is needed, add it to ${HOME}`;
    tell(`remove ${name}: ${reason}`);
  }
}

function buildImage(build: Build, [, line = '']: RegExpExecArray): void {
  const { context, tell, images } = build;
  const { given } = checkBuilder(build, line, BUILD_OPTIONS);
  const tag = given.get('--tag')?.[0] ?? '';
  if (tag !== localImage(context))
    tell(
      `build with --tag ${localImage(context)}, the image of ${FILES.compose}: else another image is started than is pushed; it is ${tag || 'missing'}`,
    );
  images.add(localImage(context));
  checkLabels(build, given.get('--label') ?? []);
}

/** What is the same for the image and for a stage of its own: for which processor, from what, and that it is there afterwards. */
export function checkBuilder(build: Build, line: string, known: readonly string[]): Options {
  const { tell } = build;
  const { settings, settingsAt } = build.context;
  const { given, rest } = optionsOf(wordsOf(line), BUILD_FLAGS);
  const platform = PLATFORMS[settings.container.cpuArchitecture]!;
  if (given.get('--platform')?.join() !== platform)
    tell(
      `build with --platform ${platform}, the platform of ${settingsAt('container', 'cpuArchitecture')}: tasks of another end with "exec format error"`,
    );
  if (!given.has('--load'))
    tell('build with --load: a builder may keep the image to itself, and there would be none to start, tag and push');
  if (given.get('--provenance')?.join() !== 'false')
    tell('build with --provenance=false: else the image is a list with an attestation beside it, and not one image');
  checkBases(build, given.get('--build-context') ?? []);
  if (rest.join() !== '.')
    tell(`build from the root, with "." at the end: ${FILES.dockerignore} and ${FILES.dockerfile} are there`);
  refuseUnknown(build, given, known, BUILD_REFUSED);
  need(build, 'publicLogin');
  return { given, rest };
}

function startImage(build: Build, [, line = '']: RegExpExecArray): void {
  const { context, tell } = build;
  const { given, rest } = optionsOf(wordsOf(line), UP_FLAGS);
  need(build, 'image', 'publicLogin');
  if (!given.has('--wait')) tell('add --wait: without it the next command asks a service that is still starting');
  if (!given.has('--no-build')) tell('add --no-build: the image that was built is to be started, not a second build of it');
  if (!rest.includes('app')) tell('start app, and with it what it depends on: the receiver is not needed');
  for (const name of rest) {
    if (!Object.hasOwn(context.compose.services, name)) tell(`start a service of ${FILES.compose}: it has no ${name}`);
  }
  refuseUnknown(build, given, UP_OPTIONS);
  checkWait(build, given.get('--wait-timeout')?.[0]);
  const [files, wanted] = [context.buildspec.env?.variables?.['COMPOSE_FILE'], `${FILES.compose}:${FILES.buildCompose}`];
  if (files !== wanted)
    context.tell(
      'buildspec',
      ['env', 'variables', 'COMPOSE_FILE'],
      `make COMPOSE_FILE ${wanted}: without the second the images come from Docker Hub, whose pulls are counted`,
    );
}

/** The parts one after the other: the slowest that the app waits for, then the app. */
function checkWait({ context, tell }: Build, limit: string | undefined): void {
  if (limit === undefined) return;
  const { app, ...others } = context.compose.services;
  const needed = secondsToReady(app) + Math.max(0, ...Object.values(others).map(secondsToReady));
  if (!(Number(limit) >= needed))
    tell(
      `make --wait-timeout ${needed} or more: the health checks of ${FILES.compose} give the slowest part and the app that long; it is ${limit}`,
    );
}

/** The time after which compose takes a service for sick. */
function secondsToReady(service: Service | undefined): number {
  const { interval = '30s', retries = 3, disable } = service?.healthcheck ?? {};
  return disable ? 0 : Number.parseInt(interval, 10) * (interval.endsWith('m') ? 60 : 1) * retries;
}

function askImage(build: Build, [, options = '', url = '']: RegExpExecArray): void {
  if (!/(^|\s)(-T|--no-TTY|--no-tty)\s/.test(options))
    build.tell('add -T: the build machine has no terminal, and docker compose exec fails without one');
  if (!/\sapp $/.test(` ${options}`)) build.tell('ask the service app');
  ask(build, url);
}

function askByCurl(build: Build, [, before = '', url = '', after = '']: RegExpExecArray): void {
  if (!/(^|\s)(-\w*f|--fail)/.test(`${before} ${after}`))
    build.tell('add --fail: curl takes every answer for a success, 503 too');
  ask(build, url);
}

function ask(build: Build, url: string): void {
  const { settings } = build.context;
  const wanted = `http://127.0.0.1:${settings.container.port}${settings.health.all}`;
  need(build, 'running');
  if (url !== wanted)
    build.tell(
      `ask ${wanted} of the started image: other paths do not look at the database, the cache and the queue; it asks ${url}`,
    );
}

function lookAtServices({ context, tell }: Build, [, , line = '']: RegExpExecArray): void {
  for (const name of wordsOf(line).filter((word) => !word.startsWith('-'))) {
    if (!Object.hasOwn(context.compose.services, name)) tell(`name a service of ${FILES.compose}: it has no ${name}`);
  }
}

function tagImage(build: Build, [, from = '', to = '']: RegExpExecArray): void {
  need(build, 'image');
  const [name = ''] = wordsOf(from);
  if (!build.images.has(name))
    build.tell(`tag ${[...build.images].join(' or ')}, the image that was built and started: ${name} is another`);
  if (!/^\$IMAGE(_|\b)/.test(wordsOf(to)[0] ?? '')) build.tell('tag it with "$IMAGE", the name in the repository');
  build.images.add(wordsOf(to)[0]!);
}

function pushImage(build: Build, [, name = '']: RegExpExecArray): void {
  need(build, 'tests', 'audited', 'image', 'looked', 'running', 'asked', 'rehearsed', 'login');
  if (build.command.phase !== 'post_build' || build.command.last)
    build.tell('push in the commands of post_build, behind the guard: what else runs there may run after a failure');
  need(build, 'guard');
  if (!build.images.has(wordsOf(name)[0]!))
    build.tell(`tag the image as ${name} before: docker tag ${localImage(build.context)} ${name}`);
}
