import { variables } from '../../../../src/config/variables.js';
import type { Context } from '../context.js';
import { jsonOf, type Instruction } from '../dockerfile.js';
import { FILES } from '../project.js';
import { checkDockerignore } from './dockerignore.js';
import { checkNodeOptions } from './node-options.js';
import { checkProducts } from './product-rules.js';
import { checkRemovals } from './removal-rules.js';
import { checkStages } from './stage-rules.js';
import { checkSystem } from './system-rules.js';

/** Why the last stage, which is the image, must do without an instruction. The others have rules of their own. */
const REFUSED: Readonly<Record<string, string>> = {
  ADD: 'take COPY: ADD unpacks archives and fetches URLs without being asked, and what a URL gives changes without a commit',
  ARG: 'remove it: what a build is given can be read in the history of the image; the service takes its values from the environment',
  MAINTAINER: 'remove it: the instruction is deprecated',
  ONBUILD: 'remove it: nobody builds on this image',
  RUN: 'run it in a stage before, and COPY what it makes: the last stage holds only what the service needs to run',
  SHELL: 'remove it: the exec form, ["node", …], needs no shell',
  STOPSIGNAL: 'remove it: the app stops on SIGTERM, which ECS sends when nothing else is said',
};
const KNOWN = ['FROM', 'WORKDIR', 'COPY', 'USER', 'VOLUME', 'EXPOSE', 'ENV', 'LABEL', 'HEALTHCHECK', 'ENTRYPOINT', 'CMD'];

/** The Dockerfile: what it is made from, and that what it starts is in it. */
export function checkImage(context: Context): void {
  const { project, tellLine } = context;
  const [, frontend] = /^#\s*syntax\s*=\s*(\S+)/im.exec(project.texts.dockerfile) ?? [];
  if (frontend)
    tellLine(
      'dockerfile',
      1,
      `remove the line syntax=${frontend}: it pulls an image from Docker Hub, whose pulls are counted, for each build`,
    );
  checkInstructions(context);
  checkStages(context);
  checkSystem(context);
  checkProducts(context);
  checkDockerignore(context);
  checkRemovals(context);
  checkPrograms(context);
  checkFinal(context);
  checkEntrypoints(context);
  checkHealthCheck(context);
  checkNodeOptions(context);
}

function checkInstructions({ image, tellLine }: Context): void {
  for (const stage of image.stages) {
    for (const { name, line } of stage.instructions) {
      const refused = stage === image.final || name !== 'RUN' ? REFUSED[name] : undefined;
      if (refused) tellLine('dockerfile', line, `${name}: ${refused}`);
      else if (name !== 'RUN' && !KNOWN.includes(name))
        tellLine('dockerfile', line, `correct ${name}: the check knows no such instruction (${KNOWN.join(', ')}, RUN)`);
    }
  }
}

/** `dist/main.js` is there if src/main.ts is: the build compiles file by file. */
function checkPrograms({ project, image, tellLine }: Context): void {
  const started = [...(image.entrypoint ?? []), ...(image.command ?? [])].slice(1).find((word) => !word.startsWith('-'));
  const told = (instruction: string, message: string) => tellLine('dockerfile', image.lineOf(instruction), message);
  const has = (program: string) => project.files.has(program.replace(/^(?:\.\/)?dist\/(.*)\.js$/, 'src/$1.ts'));
  if (!image.final.instructions.some(({ name }) => name === 'CMD'))
    return told('CMD', 'add CMD ["dist/main.js"]: the image must start the service by itself');
  if (!image.command) return told('CMD', 'write CMD as a list, ["dist/main.js"]: a shell in between keeps SIGTERM from the app');
  if (image.entrypoint?.slice(1).some((word) => !word.startsWith('-')))
    return told(
      'ENTRYPOINT',
      `end ENTRYPOINT after node and its options: the migration and ${FILES.compose} put another program behind it`,
    );
  if (started !== 'dist/main.js')
    return told(
      'CMD',
      `start dist/main.js, which ${FILES.readme} and npm start run: with this ENTRYPOINT it is ${started ?? 'nothing'}`,
    );
  if (!has(started))
    told('CMD', `start a program that the build makes: ${started} would come from src/main.ts, which is not there`);
  if (image.command.length > 1) told('CMD', 'end CMD after dist/main.js: the service takes no arguments');
}

/** Of the stages that are images of their own beside the last one. */
function checkEntrypoints({ image, tellLine }: Context): void {
  for (const stage of image.stages) {
    const entrypoint = stage.instructions.findLast(({ name }) => name === 'ENTRYPOINT');
    if (stage !== image.final && entrypoint && jsonOf(entrypoint.rest)?.[0] !== 'node')
      tellLine(
        'dockerfile',
        entrypoint.line,
        `begin ENTRYPOINT of "${stage.name}" with node: the base image has nothing else to start`,
      );
  }
}

function checkFinal({ image, settings, tellLine }: Context): void {
  const { port } = settings.container;
  for (const exposed of image.ports) {
    if (!/^\d+(\/tcp)?$/.test(exposed) || Number.parseInt(exposed, 10) !== port)
      tellLine(
        'dockerfile',
        image.lineOf('EXPOSE'),
        `EXPOSE ${port} and nothing else: the task definition maps no other; it has ${exposed}`,
      );
  }
  for (const volume of image.volumes) {
    if (volume !== settings.writable.tmp)
      tellLine(
        'dockerfile',
        image.lineOf('VOLUME'),
        `remove VOLUME ${volume}: only ${settings.writable.tmp} is mounted, and the rest is read-only`,
      );
  }
  for (const name of Object.keys(image.environment)) {
    if (name === 'NODE_ENV' || name === 'NODE_OPTIONS') continue;
    const reason = Object.hasOwn(variables.shape, name)
      ? 'taskdef.json and docker-compose.yml give the service its variables, and a second place hides what is missing there'
      : 'the app reads no such variable';
    tellLine('dockerfile', image.lineOf('ENV'), `remove ENV ${name}: ${reason}`);
  }
  if (image.user && /^(?!node\b)/.test(image.user))
    tellLine('dockerfile', image.lineOf('USER'), `make USER node, which the base image has: it has no ${image.user}`);
}

/** Of the local image; ECS goes by the task definition's. */
function checkHealthCheck({ image, container, tellLine }: Context): void {
  const given = image.final.instructions.findLast(({ name }) => name === 'HEALTHCHECK');
  const told = (message: string) => tellLine('dockerfile', image.lineOf('HEALTHCHECK'), message);
  const usual = ['CMD', 'node', 'dist/cli.js', 'healthcheck'];
  const inTask = container.healthCheck?.command ?? [];
  // A wrong command in the task definition is told there, and must not be copied to here.
  const wanted = usual.every((word, at) => inTask[at] === word) ? inTask : usual;
  if (!given || !/\bCMD\b/.test(given.rest))
    return told(`add HEALTHCHECK … CMD ${JSON.stringify(wanted.slice(1))}, as ${FILES.taskdef} has it`);
  const [options, command] = splitHealthCheck(given);
  if (JSON.stringify(command) !== JSON.stringify(wanted.slice(1)))
    told(
      `let HEALTHCHECK run ${JSON.stringify(wanted.slice(1))}, as ${FILES.taskdef} does: a task must not be healthy for one and sick for the other`,
    );
  const seconds = (name: string, usual: number) => Number.parseInt(options.get(name) ?? String(usual), 10);
  if (seconds('timeout', 30) >= seconds('interval', 30)) told('make --timeout smaller than --interval');
}

function splitHealthCheck({ rest }: Instruction): [Map<string, string>, string[] | undefined] {
  const [before = '', command = ''] = rest.split(/\bCMD\s+/);
  const options = new Map([...before.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]));
  return [options, jsonOf(command)];
}
