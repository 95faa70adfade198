import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../test/support/child.js';
import { editedIn, type Plant } from './plant.js';

const MOST_BYTES = 64 * 1_048_576;
const PACKAGES = ['node_modules', 'infra/node_modules'];

/**
 * Makes a copy of a project in a temporary folder, with its packages as links: what git tracks, as it is in the work tree. Answers the folder.
 *
 * @param withBuild whether dist comes along
 * @throws Error if the project is not built, its packages are missing, or git does not know it
 */
export function makeCopy(project: string, withBuild: boolean): string {
  if (!existsSync(join(project, 'dist/main.js'))) throw new Error(`${project} is not built: npm run build`);
  for (const packages of PACKAGES)
    if (!existsSync(join(project, packages))) throw new Error(`${project} has no ${packages}: npm ci there`);
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: project, encoding: 'utf8', maxBuffer: MOST_BYTES });
  // The real path, because programs of the copy compare theirs with those of their modules.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'posthorn-plant-')));
  try {
    const files = listed.split('\0').filter((file) => file !== '' && existsSync(join(project, file)));
    for (const file of files) cpSync(join(project, file), join(folder, file));
    for (const packages of PACKAGES) symlinkSync(realpathSync(join(project, packages)), join(folder, packages));
    if (withBuild) cpSync(join(project, 'dist'), join(folder, 'dist'), { recursive: true });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Plants a mistake into a copy. @throws Error as `editedIn` */
export function sow(folder: string, { name, edits }: Plant): void {
  for (const edit of edits) writeFileSync(join(folder, edit.file), editedIn(folder, edit, name));
}

/** Builds a copy that has no dist. @throws Error with what the compiler says */
export async function build(folder: string): Promise<void> {
  const compiler = join(folder, 'node_modules/typescript/bin/tsc');
  const options = ['-p', join(folder, 'tsconfig.build.json')];
  const compiled = startChild(process.execPath, [compiler, ...options], environment(), { scratch: folder });
  const { code } = await compiled.exited;
  if (code !== 0) throw new Error(`It does not build: ${compiled.lines.slice(0, 5).join(' ')}`);
}

/** Ours, without what is not set. */
export function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((one): one is [string, string] => one[1] !== undefined));
}
