import { posix } from 'node:path';
import type { Context } from '../context.js';
import type { Instruction, Stage } from '../dockerfile.js';
import { FILES, type Project } from '../project.js';
import { ignores } from './dockerignore.js';

const SECRET = /(SECRET|TOKEN|PASSWORD|PASSWD|API_?KEY|ACCESS_KEY|ENCRYPTION_KEY|DATABASE_URL|REDIS_URL|_KEY$)/i;
/** The stages: where they come from, what they copy, and what they install. */
export function checkStages(context: Context): void {
  checkBases(context);
  for (const stage of context.image.stages) {
    checkCopies(context, stage);
    checkInstalls(context, stage);
    checkDebian(context, stage);
    checkSecrets(context, stage);
  }
}

function checkBases({ image, settings, tellLine }: Context): void {
  const platform = settings.container.cpuArchitecture;
  for (const { base, line, instructions } of image.stages) {
    if (image.bases.includes(base) && !/^node:\d+(\.\d+){0,2}-bookworm-slim(@sha256:[0-9a-f]{64})?$/.test(base))
      tellLine(
        'dockerfile',
        line,
        `take node:<version>-bookworm-slim for ${base}: a version, because latest and lts move by themselves, and glibc, because the packages' native parts for musl (alpine) are removed`,
      );
    if (/--platform/.test(instructions[0]!.rest))
      tellLine(
        'dockerfile',
        line,
        `remove --platform: the build says for which processor (${platform}, ${FILES.settings}) the image is`,
      );
  }
  if (image.bases.length > 1)
    tellLine(
      'dockerfile',
      image.final.line,
      `take one base image for all stages: native parts are built for the one they are built on; there are ${image.bases.join(', ')}`,
    );
}

function checkCopies({ project, image, tellLine }: Context, stage: Stage): void {
  const above = image.stages.slice(0, image.stages.indexOf(stage)).map(({ name }) => name);
  for (const { name, rest, line } of stage.instructions) {
    if (name !== 'COPY') continue;
    const [, from] = /--from=(\S+)/.exec(rest) ?? [];
    if (from !== undefined) {
      if (!above.includes(from))
        tellLine(
          'dockerfile',
          line,
          `copy from a stage above, ${above.join(' or ')}: ${from} is none, so it is pulled as an image`,
        );
      continue;
    }
    const target = rest.split(/\s+/).at(-1);
    for (const source of sourcesOf(rest)) {
      // A folder's content, not the folder, is copied.
      if (/^[a-z]\w*$/.test(source) && target?.replace(/\/$/, '') !== `./${source}`)
        tellLine(
          'dockerfile',
          line,
          `copy ${source} to ./${source}, where the compiler and the tests look for it: it goes to ${target}`,
        );
      const there = source === '.' || [...project.files].some((file) => matches(file, source));
      if (source === '.')
        tellLine(
          'dockerfile',
          line,
          'name what is copied: a folder as a whole brings what is not meant, and breaks the cache with each change',
        );
      else if (ignores(project.texts.dockerignore, source))
        tellLine(
          'dockerfile',
          line,
          `let ${FILES.dockerignore} pass ${source} (!${source}): the build is not given it, and fails`,
        );
      else if (hidden(project, source) !== undefined)
        tellLine(
          'dockerfile',
          line,
          `let ${FILES.dockerignore} pass all of ${source}: it keeps ${hidden(project, source)} out, of what is copied here`,
        );
      else if (!there) tellLine('dockerfile', line, `copy something that is there: the project has no ${source}`);
    }
  }
}

/** A file below a folder that is copied, which a later line of .dockerignore takes out again. */
function hidden({ texts, files }: Project, folder: string): string | undefined {
  return [...files].find((file) => file.startsWith(`${folder}/`) && ignores(texts.dockerignore, file));
}

export function sourcesOf(rest: string): string[] {
  const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
  return words.slice(0, -1).map((word) => word.replace(/^\.\//, ''));
}

function matches(file: string, source: string): boolean {
  const pattern = source.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '[^/]*');
  return new RegExp(`^${pattern}(/|$)`).test(file);
}

function checkInstalls({ tellLine }: Context, { instructions }: Stage): void {
  for (const [index, { name, rest, line }] of instructions.entries()) {
    if (name === 'RUN' && /\|\||(?<!\\);/.test(rest))
      tellLine(
        'dockerfile',
        line,
        'let RUN fail: join commands with && alone, or an image is built without what the failed one makes',
      );
    if (name !== 'RUN' || !/\bnpm\b/.test(rest)) continue;
    const before = instructions.slice(0, index);
    if (/\bnpm (install|i|add|update)\b/.test(rest))
      tellLine('dockerfile', line, 'write npm ci: npm install may take other versions than package-lock.json names');
    if (/\bnpm ci\b/.test(rest)) {
      if (!/--ignore-scripts\b/.test(rest))
        tellLine(
          'dockerfile',
          line,
          'add --ignore-scripts: no package of ours needs its own, and each could run anything in the build',
        );
      const [, folder = '.'] = /--prefix[= ](\S+)/.exec(rest) ?? [];
      const isWhole = folder === '.' && !/--workspaces=false\b/.test(rest);
      const builds = instructions.some((run) => /\bnpm run build\b/.test(run.rest));
      if (isWhole && !builds && /--omit[= ]dev\b/.test(rest))
        tellLine('dockerfile', line, 'add --workspaces=false: the image would have a link to portal/, which it does not have');
      if (isWhole && !/--omit[= ]dev\b/.test(rest) && !before.some((copy) => copies(copy, 'portal/package.json')))
        tellLine('dockerfile', line, 'COPY portal/package.json before npm ci, which installs what it names');
      for (const file of ['package.json', 'package-lock.json'].map((name) => posix.join(folder, name))) {
        if (!before.some((copy) => copies(copy, file)))
          tellLine('dockerfile', line, `COPY ${file} before npm ci, which installs what it names`);
      }
    }
    if (/\bnpm run build\b/.test(rest)) {
      if (!before.some((run) => run.name === 'RUN' && /\bnpm ci\b/.test(run.rest)))
        tellLine('dockerfile', line, 'run npm ci before npm run build, which needs the compiler');
      for (const without of before.filter(leavesDevelopment))
        tellLine(
          'dockerfile',
          without.line,
          'let this stage install devDependencies too, without --omit=dev, --production and NODE_ENV=production: npm run build needs the compiler',
        );
      for (const file of ['src', 'portal', 'tsconfig.json', 'tsconfig.build.json']) {
        if (!before.some((copy) => copies(copy, file)))
          tellLine('dockerfile', line, `COPY ${file} before npm run build, which compiles it`);
      }
    }
  }
}

/** Debian's packages come from an index of this build, and without those that are only recommended. */
function checkDebian({ tellLine }: Context, { instructions }: Stage): void {
  for (const { name, rest, line } of instructions) {
    if (name !== 'RUN' || !/\bapt(-get)?\b[^&]* install\b/.test(rest)) continue;
    const told = (message: string) => tellLine('dockerfile', line, message);
    if (!/\bapt-get update && /.test(rest))
      told('run apt-get update in the same RUN: an index out of the cache names packages that the servers no longer have');
    if (!/ (-y|--yes)\b/.test(rest)) told('add --yes: nobody answers apt-get in a build');
    if (!/--no-install-recommends\b/.test(rest)) told('add --no-install-recommends: a stage holds only what it runs');
  }
}

/** npm ci installs no devDependencies behind one of these. */
function leavesDevelopment({ name, rest }: Instruction): boolean {
  if (name === 'ENV') return /\bNODE_ENV[= ]["']?production/.test(rest);
  return name === 'RUN' && /\bnpm ci\b.*(--omit[= ]dev\b|--production\b|--only[= ]prod)/.test(rest);
}

export const copies = ({ name, rest }: Instruction, file: string) => name === 'COPY' && sourcesOf(rest).includes(file);

function checkSecrets({ tellLine }: Context, { instructions }: Stage): void {
  for (const { name, rest, line } of instructions) {
    if (name !== 'ENV' && name !== 'ARG') continue;
    for (const [, variable = ''] of rest.matchAll(/(?:^|\s)(\w+)(?=[=\s]|$)/g)) {
      if (SECRET.test(variable))
        tellLine(
          'dockerfile',
          line,
          `remove ${variable}: whoever has the image reads it in its history; secrets come from Secrets Manager (${FILES.taskdef})`,
        );
    }
  }
}
