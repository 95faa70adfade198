import { placeholdersOf } from '../../../infra/pipeline/fill-in.js';
import type { Context } from './context.js';
import { FILES } from './project.js';
import { lineOf } from './text.js';

const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
const PLATFORMS: Readonly<Record<string, string>> = { ARM64: 'linux/arm64', X86_64: 'linux/amd64' };
const TEST_FORMATS = ['JUNITXML'];
const COVERAGE_FORMATS = ['CLOVERXML', 'COBERTURAXML', 'JACOCOXML', 'SIMPLECOV'];
/** What CodeBuild gives to every build, besides what settings names. */
const GIVEN = /^(CODEBUILD_[A-Z_]+|AWS_REGION|AWS_DEFAULT_REGION|PWD|HOME|PATH)$/;

/** The order of the build: test, build, start, ask, and only then push; it stops at the first failure. */
export function checkBuild(context: Context): void {
  checkTests(context);
  checkFailures(context);
  checkImageBuild(context);
  checkPush(context);
  checkVariables(context);
  checkComposeImages(context);
}

interface Command {
  phase: (typeof PHASES)[number];
  index: number;
  text: string;
}

function commandsOf({ buildspec }: Context): Command[] {
  return PHASES.flatMap((phase) => (buildspec.phases[phase]?.commands ?? []).map((text, index) => ({ phase, index, text })));
}

const pathOf = ({ phase, index }: Command) => ['phases', phase, 'commands', index];

function checkTests(context: Context): void {
  const { project, buildspec, tell, tellLine } = context;
  const [, command] = /^(npm \S+) +# .*\btests\b/m.exec(project.texts.readme) ?? [];
  if (!command)
    return tellLine(
      'readme',
      lineOf(project.texts.readme, '## Two commands'),
      'name the command that runs all tests: npm cit  # … tests …',
    );
  if (!commandsOf(context).some(({ text }) => text === command))
    tell('buildspec', ['phases'], `run ${command}, the test command of ${FILES.readme}:${lineOf(project.texts.readme, command)}`);
  const reports = Object.values(buildspec.reports ?? {});
  const has = (formats: string[]) => reports.some((report) => formats.includes(report['file-format'] ?? 'JUNITXML'));
  if (!has(TEST_FORMATS)) tell('buildspec', ['reports'], 'add a report of the tests, file-format JUNITXML');
  if (!has(COVERAGE_FORMATS)) tell('buildspec', ['reports'], 'add a report of the coverage, file-format CLOVERXML');
  const folder = buildspec.env?.variables?.['TEST_REPORTS'];
  for (const [name, report] of Object.entries(buildspec.reports ?? {})) {
    if (report['base-directory'] !== folder)
      tell(
        'buildspec',
        ['reports', name, 'base-directory'],
        `make it ${String(folder)}, the folder in TEST_REPORTS, where Jest writes`,
      );
  }
}

function checkFailures({ buildspec, tell }: Context): void {
  for (const phase of PHASES) {
    const given = buildspec.phases[phase];
    if (!given) continue;
    if (given['on-failure'] !== 'ABORT')
      tell(
        'buildspec',
        ['phases', phase, 'on-failure'],
        `make on-failure of ${phase} ABORT: the build must stop at the first failure`,
      );
    for (const [index, command] of (given.commands ?? []).entries()) {
      if (/\|\|\s*(true|:)\s*$/.test(command) || /^set \+e\b/.test(command))
        tell('buildspec', ['phases', phase, 'commands', index], 'let the command fail: nothing else stops the release');
    }
  }
  const first = buildspec.phases.post_build?.commands?.[0];
  if (first !== undefined && !/CODEBUILD_BUILD_SUCCEEDING"? *(=|==|-eq) *"?1/.test(first))
    tell(
      'buildspec',
      ['phases', 'post_build', 'commands', 0],
      'begin with test "$CODEBUILD_BUILD_SUCCEEDING" = 1: this phase runs after a failure too',
    );
}

function checkImageBuild(context: Context): void {
  const { settings, image, settingsAt, tell, tellLine } = context;
  const build = commandsOf(context).find(({ text }) => text.startsWith('docker buildx build'));
  if (!build) return tell('buildspec', ['phases', 'build'], 'build the image with docker buildx build');
  const need = (part: string, reason: string) => {
    if (!build.text.includes(part)) tell('buildspec', pathOf(build), `build with ${part}${reason}`);
  };
  const platform = PLATFORMS[settings.container.cpuArchitecture]!;
  need(
    `--platform ${platform} `,
    `, the platform of ${settingsAt('container', 'cpuArchitecture')}: tasks of another end with "exec format error"`,
  );
  for (const base of image.bases) {
    if (!build.text.includes(`--build-context "${base}=`))
      tellLine(
        'dockerfile',
        image.lineOf('FROM'),
        `give ${base} a --build-context in ${FILES.buildspec}, or use the one that has: pulls from Docker Hub are counted`,
      );
  }
}

function checkPush(context: Context): void {
  const { settings, tell } = context;
  const commands = commandsOf(context);
  const firstOf = (matches: (text: string) => boolean) => commands.findIndex(({ text }) => matches(text));
  const push = firstOf((text) => text.startsWith('docker push') || text.includes('--push'));
  const health = new RegExp(String.raw`:${settings.container.port}${settings.health.all}(?![\w/])`);
  const ask = firstOf((text) => health.test(text));
  const start = firstOf((text) => /^docker compose .*\bup\b/.test(text));
  if (push < 0) return tell('buildspec', ['phases'], 'push the image: docker push "$IMAGE"');
  const at = pathOf(commands[push]!);
  if (start < 0 || start > push)
    tell('buildspec', at, 'start the image beside real parts (docker compose up --wait app) before it is pushed');
  if (ask < 0 || ask > push || ask < start)
    tell(
      'buildspec',
      at,
      `ask http://127.0.0.1:${settings.container.port}${settings.health.all} of the started image before it is pushed`,
    );
  if (!commands.slice(push).some(({ text }) => text.includes('@sha256:')))
    tell('buildspec', at, 'hand on the digest (repository@sha256:…), not a tag: a rollback must get the very image that ran');
}

function checkVariables(context: Context): void {
  const { settings, buildspec, settingsAt, tell, tellSettings } = context;
  const known = new Set<string>([...Object.keys(settings.buildVariables), ...settings.buildGiven]);
  checkPlaceholders(context);
  const commands = commandsOf(context);
  const own = new Set(Object.keys(buildspec.env?.variables ?? {}));
  const used = new Set<string>();
  for (const command of commands) {
    for (const [, name = ''] of command.text.matchAll(/(?<!\\)\$\{?([A-Z][A-Z0-9_]*)/g)) {
      used.add(name);
      if (!known.has(name) && !own.has(name) && !GIVEN.test(name))
        tell('buildspec', pathOf(command), `set ${name} before, or add it to ${settingsAt('buildVariables')}: it would be empty`);
    }
    const [, assigned] = /^(?:export )?([A-Z][A-Z0-9_]*)=/.exec(command.text) ?? [];
    if (assigned) own.add(assigned);
  }
  for (const name of Object.keys(settings.buildVariables)) {
    if (!used.has(name)) tellSettings(['buildVariables', name], `remove ${name}: ${FILES.buildspec} does not use it`);
  }
}

function checkPlaceholders({ project, settings, settingsAt, tellLine, tellSettings }: Context): void {
  const known = new Set<string>([...Object.keys(settings.releaseVariables), 'AWS_REGION']);
  const used = new Set<string>();
  for (const file of ['taskdef', 'appspec'] as const) {
    for (const name of placeholdersOf(project.texts[file])) {
      used.add(name);
      if (known.has(name)) continue;
      const line = lineOf(project.texts[file], `\${${name}}`);
      tellLine(file, line, `add ${name} to ${settingsAt('releaseVariables')}: nobody fills \${${name}} in`);
    }
  }
  for (const name of Object.keys(settings.releaseVariables)) {
    if (!used.has(name))
      tellSettings(['releaseVariables', name], `remove ${name}: neither ${FILES.taskdef} nor ${FILES.appspec} uses it`);
  }
}

/** The build's own compose file only changes where images come from, not which. */
function checkComposeImages({ project, tellLine }: Context): void {
  const usual = new Set([...project.texts.compose.matchAll(/^ +image: *(\S+)$/gm)].map(([, name]) => name!));
  const { buildCompose } = project.texts;
  for (const [, name = ''] of buildCompose.matchAll(/^ +image: *\$\{PUBLIC_IMAGES\}\/(\S+)$/gm)) {
    if (!usual.has(name))
      tellLine('buildCompose', lineOf(buildCompose, name), `use an image of ${FILES.compose}: it has no ${name}`);
  }
}
