import { posix } from 'node:path';
import type { Context } from '../context.js';
import type { Stage } from '../dockerfile.js';
import { copies, sourcesOf } from './stage-rules.js';
import { SYSTEM, systemOf } from './system-rules.js';

/** What the last stage takes, from where: path in the stage → path in the image. */
const TAKEN = {
  '/app/node_modules': './node_modules',
  '/app/dist': './dist',
  '/app/docs': './docs',
  // The licences of most packages ask for their text in every copy.
  '/app/THIRD-PARTY-LICENCES': './THIRD-PARTY-LICENCES',
} as const;

/** What stages make, and what the last one takes of it. */
export function checkProducts(context: Context): void {
  const { image, tellLine } = context;
  for (const stage of image.stages) {
    const workdir = stage.instructions.findLast(({ name }) => name === 'WORKDIR');
    const first = image.bases.includes(stage.base) && stage !== systemOf(image);
    if (workdir?.rest !== '/app' && (first || stage === image.final))
      tellLine(
        'dockerfile',
        workdir?.line ?? stage.line,
        'make WORKDIR /app: ENTRYPOINT, health check and migration name dist/ from there, and stages take from there',
      );
    checkCopies(context, stage);
  }
  checkTaken(context);
  checkRead(context);
}

function checkCopies({ image, tellLine }: Context, stage: Stage): void {
  for (const { name, rest, line } of stage.instructions) {
    if (name !== 'COPY') continue;
    const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
    if (words.length < 2) tellLine('dockerfile', line, 'write COPY with what is copied and where to');
    const [, from] = /--from=(\S+)/.exec(rest) ?? [];
    const source = image.stages.find((other) => other.name === from);
    if (!source) continue;
    for (const path of words.slice(0, -1)) {
      if (path !== SYSTEM && !madeIn(source).some((made) => path === made || path.startsWith(`${made}/`)))
        tellLine(
          'dockerfile',
          line,
          `copy something that the stage "${from}" makes, ${madeIn(source).join(', ')}: it makes no ${path}`,
        );
    }
  }
}

/** By copies, by npm ci, by npm run build, and by a program whose output goes to a file. Everything is below /app. */
function madeIn({ instructions }: Stage): string[] {
  const made = new Set<string>();
  for (const { name, rest } of instructions) {
    const [installs, folder = '.'] = /\bnpm ci\b(?:.*--prefix[= ](\S+))?/.exec(rest) ?? [];
    if (name === 'RUN' && installs) made.add(posix.resolve('/app', folder, 'node_modules'));
    if (name === 'RUN' && /\bnpm run build\b/.test(rest)) made.add('/app/dist');
    const [, written] = /^node .* > (\S+)$/.exec(rest) ?? [];
    if (name === 'RUN' && written) made.add(posix.resolve('/app', written));
    if (name !== 'COPY') continue;
    const target = rest.split(/\s+/).at(-1) ?? '';
    const names = target === './' || target === '.' ? sourcesOf(rest) : [target];
    for (const each of names) made.add(posix.resolve('/app', each));
  }
  return [...made];
}

function checkTaken({ image, tellLine }: Context): void {
  const stageOf = (path: string) => {
    const copy = image.final.instructions.find(({ name, rest }) => name === 'COPY' && rest.includes(`${path} `));
    const [, from] = /--from=(\S+)/.exec(copy?.rest ?? '') ?? [];
    return { copy, stage: image.stages.find(({ name }) => name === from) };
  };
  const line = image.final.line;
  for (const [path, to] of Object.entries(TAKEN)) {
    const { copy } = stageOf(path);
    if (!copy?.rest.endsWith(`${path} ${to}`))
      tellLine(
        'dockerfile',
        copy?.line ?? line,
        `COPY --from=… ${path} ${to} in the last stage: ${path === '/app/THIRD-PARTY-LICENCES' ? 'the licences ask for their texts' : 'the service starts from there'}`,
      );
  }
  const packages = stageOf('/app/node_modules');
  if (packages.stage && !runs(packages.stage, /\bnpm ci\b.*--omit=dev\b/))
    tellLine(
      'dockerfile',
      packages.copy!.line,
      `take node_modules from a stage that ran npm ci --omit=dev: those of "${packages.stage.name}" hold the test tools too`,
    );
  const built = stageOf('/app/dist');
  if (built.stage && !runs(built.stage, /\bnpm run build\b/))
    tellLine('dockerfile', built.copy!.line, `take dist from a stage that ran npm run build: "${built.stage.name}" did not`);
  if (!image.final.instructions.some((copy) => copies(copy, 'package.json')))
    tellLine(
      'dockerfile',
      line,
      'COPY package.json into the last stage: without its "type": "module" Node does not start dist/main.js',
    );
}

/** `new URL('../../certificates/…', import.meta.url)`, or a folder by import.meta.dirname. */
const READ = /(?:new URL\(|import\.meta\.dirname, )'((?:\.\.\/)+[^']+)'/g;

/** What the app reads beside its own code, at the same distance from dist/ as from src/. */
function checkRead({ project, image, tellLine }: Context): void {
  const copied = image.final.instructions.filter(({ name }) => name === 'COPY').flatMap(({ rest }) => targetsOf(rest));
  for (const [file, text] of project.sources) {
    for (const [, path = ''] of text.matchAll(READ)) {
      const read = posix.join(posix.dirname(file), path);
      const [top = ''] = read.split('/');
      if (top === 'src' || copied.some((target) => posix.resolve('/app', target) === `/app/${top}`)) continue;
      tellLine(
        'dockerfile',
        image.final.line,
        `COPY ${top} to ./${top} in the last stage: the app reads ${read} there (${file})`,
      );
    }
  }
}

/** Where a COPY puts things. A file that is copied into a folder keeps its name; of a folder it is only the content that is copied. */
function targetsOf(rest: string): string[] {
  const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
  const target = words.at(-1) ?? '';
  if (!target.endsWith('/')) return [target];
  const files = words.slice(0, -1).filter((source) => /[^/.]\.\w+$/.test(source));
  return [target, ...files.map((file) => posix.join(target, posix.basename(file)))];
}

const runs = ({ instructions }: Stage, pattern: RegExp) =>
  instructions.some(({ name, rest }) => name === 'RUN' && pattern.test(rest));
