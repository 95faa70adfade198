import type { Context } from './context.js';
import { FILES } from './project.js';
import { lineOf } from './text.js';

/** Fixed by the deploy action CodeDeployToECS. */
const ACTION = { imageFile: 'imageDetail.json', taskDefinitionPlaceholder: 'TASK_DEFINITION' } as const;

/** What the build hands to the deploy action: artifacts, their files, and the placeholders in them. */
export function checkPipeline(context: Context): void {
  checkAction(context);
  checkArtifacts(context);
  checkMadeFiles(context);
  checkAccountValues(context);
}

function checkAction({ appspec, settings, settingsAt, tell, tellSettings }: Context): void {
  const { pipeline } = settings;
  for (const [name, value] of Object.entries(ACTION)) {
    if (pipeline[name as keyof typeof ACTION] !== value)
      tellSettings(['pipeline', name], `make it ${value}: the deploy action knows no other`);
  }
  if (!/^\w+$/.test(pipeline.imagePlaceholder))
    tellSettings(['pipeline', 'imagePlaceholder'], 'make it one word: the angle brackets are only in taskdef.json');
  const files = { taskDefinitionFile: FILES.taskdef, appSpecFile: FILES.appspec, buildSpecFile: FILES.buildspec } as const;
  for (const [name, file] of Object.entries(files)) {
    if (pipeline[name as keyof typeof files] !== file)
      tellSettings(['pipeline', name], `make it ${file}, the file in the project`);
  }
  const wanted = `<${pipeline.taskDefinitionPlaceholder}>`;
  const at = settingsAt('pipeline', 'taskDefinitionPlaceholder');
  if (appspec.Resources[0]!.TargetService.Properties.TaskDefinition !== wanted)
    tell(
      'appspec',
      ['Resources', 0, 'TargetService', 'Properties', 'TaskDefinition'],
      `write ${wanted} (${at}): the deploy action puts the new revision there`,
    );
}

function checkArtifacts({ buildspec, settings, settingsAt, tell }: Context): void {
  const { specArtifact, imageArtifact, taskDefinitionFile, appSpecFile, fillInFile, imageFile } = settings.pipeline;
  const wanted = {
    specArtifact: { name: specArtifact, files: [taskDefinitionFile, appSpecFile, fillInFile] },
    imageArtifact: { name: imageArtifact, files: [imageFile] },
  };
  const given = buildspec.artifacts?.['secondary-artifacts'] ?? {};
  const path = ['artifacts', 'secondary-artifacts'];
  for (const [key, { name, files }] of Object.entries(wanted)) {
    const artifact = given[name];
    if (!artifact) {
      tell('buildspec', path, `add the secondary artifact ${name}, which the pipeline takes (${settingsAt('pipeline', key)})`);
      continue;
    }
    const lacking = files.filter((file) => !artifact.files.includes(file));
    if (lacking.length > 0)
      tell('buildspec', [...path, name, 'files'], `put ${lacking.join(' and ')} into ${name}: the pipeline looks for it there`);
    if (artifact.files.some((file) => file.includes('*')))
      tell('buildspec', [...path, name, 'files'], 'name each file: the deploy action takes no artifact above 3 MB');
  }
  for (const name of Object.keys(given)) {
    if (name !== specArtifact && name !== imageArtifact)
      tell(
        'buildspec',
        [...path, name],
        `remove or rename ${name}: the pipeline has no such artifact (${settingsAt('pipeline', 'specArtifact')})`,
      );
  }
}

/** Every file of an artifact is made by a command of the build, in the folder that the artifact is taken from. */
function checkMadeFiles({ buildspec, settings, settingsAt, tell }: Context): void {
  const commands = Object.values(buildspec.phases).flatMap((phase) => phase?.commands ?? []);
  for (const [name, artifact] of Object.entries(buildspec.artifacts?.['secondary-artifacts'] ?? {})) {
    for (const [index, file] of artifact.files.entries()) {
      const made = [artifact['base-directory'], file].filter(Boolean).join('/');
      if (commands.some((command) => command.includes(made) || copies(command, file, artifact['base-directory']))) continue;
      tell(
        'buildspec',
        ['artifacts', 'secondary-artifacts', name, 'files', index],
        `write ${made} in a command, or take ${file} from where it is written`,
      );
    }
  }
  const { imageFile } = settings.pipeline;
  const writes = commands.find((command) => command.includes(imageFile));
  if (!writes?.includes('"ImageURI"'))
    tell(
      'buildspec',
      ['phases'],
      `write {"ImageURI":"…"} into ${imageFile} (${settingsAt('pipeline', 'imageFile')}): the deploy action reads that`,
    );
}

/** `cp one.json folder/two.yaml release/spec/`: whether it puts this file into that folder. */
function copies(command: string, file: string, folder: string | undefined): boolean {
  const [program, ...words] = command.split(/\s+/);
  const target = words.at(-1);
  return (
    program === 'cp' && target === `${folder}/` && words.slice(0, -1).some((word) => word === file || word.endsWith(`/${file}`))
  );
}

const ACCOUNT_VALUES: readonly [RegExp, string][] = [
  [/\b\d{12}\b/, 'an account number'],
  [
    /(?<!ecr-public get-login-password --region )\b(us|eu|ap|sa|ca|me|af|il|mx|cn)(-gov|-iso[a-z]?)?-(north|south|east|west|central)(east|west)?-\d\b/,
    'a region',
  ],
  [/\barn:aws[\w-]*:/, 'an ARN'],
];

function checkAccountValues({ project, tellLine }: Context): void {
  for (const file of ['taskdef', 'appspec', 'buildspec'] as const) {
    for (const [pattern, what] of ACCOUNT_VALUES) {
      const found = pattern.exec(project.texts[file]);
      if (found)
        tellLine(
          file,
          lineOf(project.texts[file], found[0]),
          `write a variable for ${found[0]}: ${what} is filled in for each environment`,
        );
    }
  }
}
