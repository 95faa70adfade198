import { basename } from 'node:path';
import type { Context } from './context.js';
import { FILES } from './project.js';
import { lineOf } from './text.js';

/** Fixed by the deploy action CodeDeployToECS. */
const ACTION = { imageFile: 'imageDetail.json', taskDefinitionPlaceholder: 'TASK_DEFINITION' } as const;

/** What the deploy action is told, and the placeholders in the files that it takes. */
export function checkPipeline(context: Context): void {
  checkAction(context);
  checkFillIn(context);
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
  if (!/^[\w][\w./-]*$/.test(pipeline.branch))
    tellSettings(['pipeline', 'branch'], `name the branch that is released: it is "${pipeline.branch}"`);
  const files = {
    taskDefinitionFile: FILES.taskdef,
    appSpecFile: FILES.appspec,
    buildSpecFile: FILES.buildspec,
    fillInFile: basename(FILES.fillIn),
  } as const;
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

/** The program goes with the artifact, alone: no node_modules and no other file of the project are beside it. */
function checkFillIn({ project, tellLine }: Context): void {
  for (const [statement, name = ''] of project.texts.fillIn.matchAll(/^import [^;]*?['"]([^'"]+)['"]/gm)) {
    if (!name.startsWith('node:'))
      tellLine(
        'fillIn',
        lineOf(project.texts.fillIn, statement),
        `do without ${name}: the program is alone in its artifact, and has nothing but Node`,
      );
  }
}

const ACCOUNT_VALUES: readonly [RegExp, string][] = [
  [/\b\d{12}\b/, 'an account number'],
  [/\b(us|eu|ap|sa|ca|me|af|il|mx|cn)(-gov|-iso[a-z]?)?-(north|south|east|west|central)(east|west)?-\d\b/, 'a region'],
  [/\barn:aws[\w-]*:/, 'an ARN'],
];

function checkAccountValues({ project, tellLine }: Context): void {
  for (const file of ['taskdef', 'appspec', 'buildspec'] as const) {
    for (const [pattern, what] of ACCOUNT_VALUES) {
      // The one region of ECR Public is the same for everybody.
      const found = pattern.exec(project.texts[file].replaceAll('aws ecr-public get-login-password --region us-east-1', ''));
      if (found)
        tellLine(
          file,
          lineOf(project.texts[file], found[0]),
          `write a variable for ${found[0]}: ${what} is filled in for each environment`,
        );
    }
  }
}
