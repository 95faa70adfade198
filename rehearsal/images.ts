import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Image } from './ecs/container.js';
import { buildImage, requireImage } from './ecs/docker.js';

/** Something for each of the two builds of a rehearsal. */
export type OfBuilds<T> = Record<'before' | 'now', T>;

const PROJECT = resolve(import.meta.dirname, '..');
const LIST = /^(ENTRYPOINT|CMD)\s+(\[.*\])\s*$/;
const VARIABLE = /^ENV\s+([A-Z_]+)=(\S+)\s*$/;

/**
 * A build as an image: its folder, and what the last stage of its Dockerfile says of how it starts.
 *
 * @param folder of a project with `dist` and `node_modules`, or what an image has in /app
 * @param tag of the image that Docker has of it
 * @throws Error if the Dockerfile does not say how the image starts
 */
export function imageOf(folder: string, tag?: string): Image {
  const file = dockerfileOf(folder);
  const lines = readFileSync(file, 'utf8').split('\n');
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const found: Record<string, string[]> = {};
  const environment: Record<string, string> = {};
  for (const line of last) {
    const [, instruction, list] = LIST.exec(line) ?? [];
    if (instruction) found[instruction] = JSON.parse(list!) as string[];
    const [, name, value] = VARIABLE.exec(line) ?? [];
    if (name) environment[name] = value!;
  }
  const { ENTRYPOINT: entryPoint, CMD: command } = found;
  if (!entryPoint || !command) throw new Error(`${file} needs ENTRYPOINT and CMD as lists in its last stage.`);
  return { folder, entryPoint, command, environment, tag };
}

/** What was copied out of an image has no Dockerfile: it is started as this project's own build. */
function dockerfileOf(folder: string): string {
  const own = join(folder, 'Dockerfile');
  return existsSync(own) ? own : join(PROJECT, 'Dockerfile');
}

/**
 * Makes images of Docker out of both builds, but those that are given.
 *
 * @param folders of the builds; where both are one, one image is built
 * @param given names of images that are there already
 * @param say gets the lines of the progress of a build
 * @returns what Docker calls them
 * @throws Error if a given one is not there, or one can't be built
 */
export async function dockerImages(
  folders: OfBuilds<string>,
  given: Partial<OfBuilds<string>>,
  say: (line: string) => void,
): Promise<OfBuilds<string>> {
  for (const tag of Object.values(given)) if (tag !== undefined) await requireImage(tag);
  const made = async (which: keyof OfBuilds<string>) => {
    const tag = `posthorn-rehearsal:${which}`;
    say(`Building the image ${tag} of ${folders[which]} …`);
    await buildImage(folders[which], tag, say);
    return tag;
  };
  const now = given.now ?? (await made('now'));
  if (given.before === undefined && folders.before === folders.now) return { before: now, now };
  return { before: given.before ?? (await made('before')), now };
}
