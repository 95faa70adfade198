import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What an image holds, as the program below finds it. */
export interface Contents {
  /** Programs that were found, of those that must not be there. */
  tools: string[];
  uid: number;
  /** Whether a file could be made in the folder of the app, and in /tmp. */
  writable: { app: boolean; tmp: boolean };
  nodeVersion: string;
  /** Installed packages, by name. */
  packages: string[];
  /** Files of the app that nothing there reads. */
  needless: string[];
  /** Files that are needed and absent. */
  missing: string[];
}

/** Programs to install or build something with. */
const TOOLS = [
  'npm npx corepack yarn yarnpkg pnpm apt apt-get dpkg dpkg-query pip pip3',
  'gcc g++ cc make perl python3 git curl wget tsc jest',
].flatMap((line) => line.split(' '));
/** `script` and `cat`: ECS Exec writes the log of a session with them. `status`: the image scan reads it. */
const NEEDED = [
  '/app/dist/main.js /app/dist/cli.js /app/package.json /app/THIRD-PARTY-LICENCES',
  '/var/lib/dpkg/status /bin/sh /usr/bin/script /bin/cat',
].flatMap((line) => line.split(' '));

/** Runs in the container, with nothing but Node. */
const PROGRAM = `
const fs = require('node:fs');
const path = require('node:path');
const { tools, needed } = JSON.parse(process.argv[1]);
const folders = (process.env.PATH ?? '').split(':').concat('/opt', '/usr/local/lib/node_modules', '/app/node_modules/.bin');
const found = (name) => folders.some((folder) => fs.existsSync(path.join(folder, name)));
const write = (folder) => {
  try { fs.writeFileSync(path.join(folder, '.try'), ''); return true; } catch { return false; }
};
const installed = (folder) => !fs.existsSync(folder) ? [] : fs.readdirSync(folder).filter((name) => !name.startsWith('.'))
  .flatMap((name) => name.startsWith('@') ? fs.readdirSync(path.join(folder, name)).map((one) => name + '/' + one) : [name]);
const files = fs.readdirSync('/app', { recursive: true }).map(String);
process.stdout.write(JSON.stringify({
  tools: tools.filter(found),
  uid: process.getuid(),
  writable: { app: write('/app'), tmp: write('/tmp') },
  nodeVersion: process.version,
  packages: installed('/app/node_modules'),
  needless: files.filter((file) => /^(src|test|supply|infra)(\\/|$)|(^|\\/)package-lock\\.json$|^dist\\/.*\\.(test\\.js|tsbuildinfo)$|^node_modules\\/.*\\.(d\\.[cm]?ts|map)$/.test(file)),
  missing: needed.filter((file) => !fs.existsSync(file)),
}));
`;

/** Looks into an image as a task runs it: a read-only root, no rights, no network. */
export function contentsOf(image: string): Contents {
  const lists = JSON.stringify({ tools: TOOLS, needed: NEEDED });
  const limits = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--security-opt=no-new-privileges:true', '--network=none'];
  const call = ['run', '--rm', ...limits, '--entrypoint=node', image, '-e', PROGRAM, lists];
  return JSON.parse(
    execFileSync('docker', call, { encoding: 'utf8', timeout: 120_000, maxBuffer: 64 * 1024 * 1024 }),
  ) as Contents;
}

/** What the project says that an image holds: Node's major version, and its packages by name. */
export interface Wanted {
  node: string;
  production: string[];
  /** Packages that only tools need. */
  development: string[];
}

/** Reads it from package.json and package-lock.json. */
export function wantedBy(manifest: { engines: { node: string }; dependencies: object }, lock: Lock): Wanted {
  const tools = Object.entries(lock.packages).filter(([, { dev, devOptional }]) => dev || devOptional);
  return {
    node: /\d+/.exec(manifest.engines.node)?.[0] ?? '',
    production: Object.keys(manifest.dependencies),
    development: tools.flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1] ?? []),
  };
}

interface Lock {
  packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
}

/** What is wrong with an image: one sentence for each fault. */
export function faultsIn(contents: Contents, { node, production, development }: Wanted): string[] {
  const { tools, uid, writable, nodeVersion, packages, needless, missing } = contents;
  const absent = production.filter((name) => !packages.includes(name));
  const extra = development.filter((name) => packages.includes(name));
  const some = (names: string[]) => `${names.slice(0, 5).join(', ')} (${names.length} in all)`;
  const judged: [boolean, string][] = [
    [tools.length > 0, `Remove ${tools.join(', ')} in the stage "system" of the Dockerfile: tools for whoever breaks in.`],
    [uid === 0, 'Add USER node to the Dockerfile: the image runs as root.'],
    [writable.app, 'Start it with a read-only root: something could write to /app.'],
    [!writable.tmp, 'Let the user of the image write to /tmp.'],
    [!nodeVersion.startsWith(`v${node}.`), `Take a base image with Node ${node}: it has ${nodeVersion}.`],
    [absent.length > 0, `Install ${some(absent)}: package.json names them in dependencies.`],
    [extra.length > 0, `Install with --omit=dev: there are ${some(extra)}.`],
    [needless.length > 0, `Leave out ${some(needless)}: no running program reads them.`],
    [missing.length > 0, `Keep ${missing.join(', ')}: the service, ECS Exec or the image scan needs them.`],
  ];
  return judged.filter(([wrong]) => wrong).map(([, sentence]) => sentence);
}

if (import.meta.main) {
  const image = process.argv[2] ?? 'posthorn:local';
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  try {
    const faults = faultsIn(contentsOf(image), wantedBy(read('package.json'), read('package-lock.json')));
    if (faults.length > 0) throw new Error(faults.join('\n'));
    process.stdout.write(`${image} contains what the service needs, and no tool to install anything.\n`);
  } catch (error) {
    process.stderr.write(`${image} is not fit to be released.\n${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
