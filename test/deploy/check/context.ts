import { appspecGrammar, type Appspec } from './appspec-grammar.js';
import { readAppFacts, type AppFacts } from './app-facts.js';
import { buildspecGrammar, type Buildspec } from './buildspec-grammar.js';
import { readDockerfile, type Image } from './dockerfile.js';
import { buildComposeGrammar, composeGrammar, type BuildCompose, type Compose } from './compose/compose-grammar.js';
import type { Fault } from './fault.js';
import { conform } from './grammar.js';
import { packageGrammar, type PackageJson } from './package-grammar.js';
import { FILES, type FileName, type Project, type Settings } from './project.js';
import { openSource, type Path, type Source } from './source.js';
import { checkTaskdefModel } from './taskdef-model.js';
import { taskdefShape, type Container, type Taskdef } from './taskdef-shape.js';
import { lineOfProperty } from './text.js';

/** What the rules look at: everything read and well-formed. They tell what they find through the last three. */
export interface Context {
  project: Project;
  settings: Settings;
  taskdef: Taskdef;
  container: Container;
  containerPath: Path;
  appspec: Appspec;
  buildspec: Buildspec;
  compose: Compose;
  buildCompose: BuildCompose;
  packageJson: PackageJson;
  image: Image;
  facts: AppFacts;
  /** A fault in a JSON or YAML file. */
  tell(file: Parsed, path: Path, message: string): void;
  /** A fault of the settings, by the names that lead to it. */
  tellSettings(names: readonly string[], message: string): void;
  /** A fault in any file. */
  tellLine(file: FileName, line: number, message: string): void;
  /** `infra/lib/settings.ts:12`, for messages that name the other side. */
  settingsAt(...names: string[]): string;
}

/** The files that are JSON or YAML. */
const PARSED = ['taskdef', 'appspec', 'buildspec', 'compose', 'buildCompose', 'packageJson'] as const;
type Parsed = (typeof PARSED)[number];
type Sources = Record<Parsed, Source>;

/** Reads everything; undefined when a file is not what its reader takes, which is then all that `faults` tell. */
export function readContext(project: Project, faults: Fault[]): Context | undefined {
  const sources = Object.fromEntries(
    PARSED.map((name) => [name, openSource(FILES[name], project.texts[name], faults)]),
  ) as Sources;
  if (faults.length > 0) return undefined;
  const read = readFiles(sources, faults);
  const facts = readAppFacts(project, faults);
  if (!read || !facts) return undefined;
  const container = theContainer(project, read.taskdef, sources.taskdef, faults);
  if (!container) return undefined;
  const { settings, texts } = project;
  const sideOf = (names: readonly string[]) => (names[0] === 'sizes' || names[0] === 'INITIAL_TASKS' ? 'sizes' : 'settings');
  const lineInSettings = (names: readonly string[]) => lineOfProperty(texts[sideOf(names)], names);
  const tellLine: Context['tellLine'] = (file, line, message) => faults.push({ file: FILES[file], line, message });
  return {
    ...read,
    project,
    settings,
    container,
    facts,
    tellLine,
    containerPath: ['containerDefinitions', read.taskdef.containerDefinitions.indexOf(container)],
    image: readDockerfile(texts.dockerfile),
    tell: (file, path, message) => tellLine(file, sources[file].lineAt(path), message),
    tellSettings: (names, message) => tellLine(sideOf(names), lineInSettings(names), message),
    settingsAt: (...names) => `${FILES[sideOf(names)]}:${lineInSettings(names)}`,
  };
}

function readFiles(sources: Sources, faults: Fault[]) {
  const taskdef = readTaskdef(sources.taskdef, faults);
  const appspec = conform(appspecGrammar, sources.appspec, faults);
  const buildspec = conform(buildspecGrammar, sources.buildspec, faults);
  const compose = conform(composeGrammar, sources.compose, faults);
  const buildCompose = conform(buildComposeGrammar, sources.buildCompose, faults);
  const packageJson = conform(packageGrammar, sources.packageJson, faults);
  if (!taskdef || !appspec || !buildspec || !compose || !buildCompose || !packageJson) return undefined;
  return { taskdef, appspec, buildspec, compose, buildCompose, packageJson };
}

/** The model first: its messages say more about a wrong type than the shape's. */
function readTaskdef(source: Source, faults: Fault[]): Taskdef | undefined {
  const unknown = checkTaskdefModel(source);
  faults.push(...unknown);
  return unknown.length > 0 ? undefined : conform(taskdefShape, source, faults);
}

function theContainer(project: Project, taskdef: Taskdef, source: Source, faults: Fault[]): Container | undefined {
  const { name } = project.settings.container;
  const container = taskdef.containerDefinitions.find((candidate) => candidate.name === name);
  if (container) return container;
  const line = source.lineAt(['containerDefinitions', 0, 'name']);
  const at = `${FILES.settings}:${lineOfProperty(project.texts.settings, ['container', 'name'])}`;
  faults.push({ file: source.file, line, message: `call the container "${name}", as ${at} does` });
  return undefined;
}
