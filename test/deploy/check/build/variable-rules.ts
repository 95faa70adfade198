import { placeholdersOf } from '../../../../infra/pipeline/fill-in.js';
import type { Context } from '../context.js';
import { FILES } from '../project.js';
import { lineOf } from '../text.js';
import { commandsOf } from './commands.js';

/** What CodeBuild gives to every build: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html */
const CODEBUILD = [
  'BUILD_ARN BUILD_ID BUILD_IMAGE BUILD_NUMBER BUILD_SUCCEEDING INITIATOR KMS_KEY_ID LOG_PATH PROJECT_ARN PROJECT_UUID',
  'PUBLIC_BUILD_URL RESOLVED_SOURCE_VERSION SOURCE_REPO_URL SOURCE_VERSION SRC_DIR START_TIME',
].flatMap((line) => line.split(' ').map((name) => `CODEBUILD_${name}`));
const GIVEN = new Set([...CODEBUILD, 'AWS_REGION', 'AWS_DEFAULT_REGION', 'CI', 'PWD', 'HOME', 'PATH']);
/** Variables of env that no command names: other programs read them. */
const READ_BY_OTHERS = ['TEST_REPORTS', 'COMPOSE_FILE', 'PUBLIC_IMAGES'];

/** Each variable has one who gives it and one who reads it. */
export function checkVariables(context: Context): void {
  checkPlaceholders(context);
  const { settings, buildspec, settingsAt, tell, tellSettings } = context;
  const known = new Set<string>([...Object.keys(settings.buildVariables), ...settings.buildGiven]);
  const own = new Set(Object.keys(buildspec.env?.variables ?? {}));
  const used = new Set<string>();
  for (const command of commandsOf(buildspec)) {
    for (const [, name = ''] of command.text.matchAll(/(?<!\\)\$\{?([A-Z][A-Z0-9_]*)/g)) {
      used.add(name);
      if (!known.has(name) && !own.has(name) && !GIVEN.has(name))
        tell('buildspec', command.path, `set ${name} before, or add it to ${settingsAt('buildVariables')}: it would be empty`);
    }
    for (const [, assigned = ''] of command.text.matchAll(/(?:^|&& |\n\s*)(?:export )?([A-Z][A-Z0-9_]*)=/g)) own.add(assigned);
  }
  for (const name of Object.keys(settings.buildVariables)) {
    if (!used.has(name)) tellSettings(['buildVariables', name], `remove ${name}: ${FILES.buildspec} does not use it`);
  }
  for (const name of Object.keys(buildspec.env?.variables ?? {})) {
    const path = ['env', 'variables', name];
    if (known.has(name)) tell('buildspec', path, `remove ${name}: the build project gives it (${settingsAt('buildVariables')})`);
    else if (!used.has(name) && !READ_BY_OTHERS.includes(name)) tell('buildspec', path, `remove ${name}: no command reads it`);
  }
}

/** taskdef.json and appspec.yaml are filled in by the migrate project of each environment, which has other variables than the build. */
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
      tellSettings(
        ['releaseVariables', name],
        `write \${${name}} where its value belongs, or remove ${name} here: neither ${FILES.taskdef} nor ${FILES.appspec} has it`,
      );
  }
}
