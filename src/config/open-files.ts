import { readFileSync } from 'node:fs';

/**
 * How many files and sockets the system lets this process open. Infinity where it does not tell (only Linux does). Node has raised it at its start as far
 * as it may.
 */
export function limitOfOpenFiles(): number {
  try {
    const [, files] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return files === undefined ? Infinity : Number(files);
  } catch {
    return Infinity;
  }
}
