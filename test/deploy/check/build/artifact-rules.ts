import { basename, dirname } from 'node:path';
import type { Context } from '../context.js';
import type { Path } from '../source.js';
import type { Build, Made } from './state.js';

/** The reports of the rehearsal: one for each scenario, whatever the scenarios are called. */
const REHEARSAL = 'rehearsal/*';

type Artifact = { files: string[]; 'base-directory'?: string | undefined };

/** Each artifact of the pipeline holds the files that the build wrote there, as the actions need them that take it. */
export function checkArtifacts(context: Context, build: Build): void {
  const { buildspec, settings, settingsAt, tell } = context;
  const { taskDefinitionFile, appSpecFile, fillInFile, imageFile, sbomFile } = settings.pipeline;
  const wanted = {
    specArtifact: [taskDefinitionFile, appSpecFile, fillInFile],
    imageArtifact: [imageFile],
    supplyArtifact: [sbomFile, REHEARSAL],
  };
  const known = Object.keys(wanted).map((key) => settings.pipeline[key as keyof typeof wanted] as string);
  const { 'secondary-artifacts': given = {}, ...primary } = buildspec.artifacts ?? { files: [] };
  const path = ['artifacts', 'secondary-artifacts'];
  for (const [key, files] of Object.entries(wanted)) {
    const name = settings.pipeline[key as keyof typeof wanted];
    const artifact = given[name];
    if (artifact) checkFiles(context, build, { artifact, name, path: [...path, name], files });
    else tell('buildspec', path, `add the secondary artifact ${name}, which the pipeline takes (${settingsAt('pipeline', key)})`);
  }
  for (const name of Object.keys(given)) {
    if (!known.includes(name))
      tell(
        'buildspec',
        [...path, name],
        `remove or rename ${name}: the pipeline has no such artifact (${settingsAt('pipeline', 'specArtifact')})`,
      );
  }
  checkFiles(context, build, { artifact: primary, name: 'the primary artifact', path: ['artifacts'], files: [imageFile] });
}

interface Wanted {
  artifact: Artifact;
  name: string;
  path: Path;
  files: readonly string[];
}

function checkFiles(context: Context, build: Build, { artifact, name, path, files }: Wanted): void {
  const told = (message: string) => context.tell('buildspec', [...path, 'files'], message);
  if (artifact.files.some((file) => file.includes('*') && !files.includes(file)))
    return told(`name each file of ${name}: the deploy action takes no artifact above 3 MB`);
  const lacking = files.filter((file) => !artifact.files.includes(file));
  if (lacking.length > 0) told(`put ${lacking.join(' and ')} into ${name}: the pipeline looks for it there, at the top`);
  for (const [index, file] of artifact.files.entries()) {
    if (files.includes(file))
      checkMade(context, build, { artifact, name, path: [...path, 'files', index], file, base: [...path, 'base-directory'] });
    else told(`remove ${file} from ${name}: it holds ${files.join(' and ')}, and the pipeline reads nothing else`);
  }
}

function checkMade(
  context: Context,
  build: Build,
  { artifact, name, path, file, base }: Omit<Wanted, 'files'> & { file: string; base: Path },
): void {
  const place = [artifact['base-directory'], file].filter(Boolean).join('/').replace(/^\.\//, '');
  const made = build.files.get(place);
  if (made) return checkContent(context, file, made);
  const elsewhere = [...build.files.keys()].find((each) => basename(each) === file);
  if (!artifact['base-directory'])
    return context.tell(
      'buildspec',
      base,
      `add base-directory: ${elsewhere ? dirname(elsewhere) : '…'} to ${name}: without it the build looks for ${file} at the top of the source, not where it was written`,
    );
  context.tell(
    'buildspec',
    path,
    `write ${place} in a command, or take ${file} from where it is written${elsewhere ? `, ${dirname(elsewhere)}` : ''}`,
  );
}

function checkContent({ tell }: Context, file: string, made: Made): void {
  if (basename(made.from) !== basename(file))
    tell('buildspec', made.by, `make ${file} from ${file}: it is made from ${made.from}`);
}
