import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './ecs/container.js';

const LIST = /^(ENTRYPOINT|CMD)\s+(\[.*\])\s*$/;
const VARIABLE = /^ENV\s+([A-Z_]+)=(\S+)\s*$/;

/**
 * A build as an image: its folder, and what the last stage of its Dockerfile says of how it starts.
 *
 * @param folder of a project with `dist` and `node_modules`
 */
export function imageOf(folder: string): Image {
  const lines = readFileSync(join(folder, 'Dockerfile'), 'utf8').split('\n');
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
  if (!entryPoint || !command)
    throw new Error(`${join(folder, 'Dockerfile')} needs ENTRYPOINT and CMD as lists in its last stage.`);
  return { folder, entryPoint, command, environment };
}
