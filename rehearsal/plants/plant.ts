import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the planted mistakes are about. The rehearsal has to notice at least one mistake in each. */
export const AREAS = [
  'shutdown order',
  'keep-alive',
  'readiness',
  'drain time',
  'release gate',
  'hook callback',
  'migration order',
  'stopTimeout',
  'deregistration delay',
  'health-check thresholds',
  'alarm dimensions',
  'rollback',
] as const;

export type Area = (typeof AREAS)[number];

/** A change of one file. */
export interface Edit {
  /** Path in the project. */
  file: string;
  /** Stands in the file exactly once. Nothing, if the file is a new one. */
  from: string;
  to: string;
}

/** A mistake that somebody could make, and the scenario that has to notice it. */
export interface Plant {
  name: string;
  area: Area;
  /** One sentence. */
  mistake: string;
  /** Usually one. More, where one alone would break this build itself. */
  edits: readonly Edit[];
  scenario: string;
  /** What the rehearsal has to say in a line `not so: …`: a failure for another reason is no catch. */
  says: RegExp;
}

/** What is said of a target that is healthy but can't serve: the hook's check fails, or its requests raise the alarm on errors first. */
export const NOTICED_BY_THE_CHECK =
  /it ended for the reason that the scenario is about \((HOOK_EXECUTION_FAILURE: The function of AfterAllowTestTraffic|ALARM_ACTIVE.*green-5xx)/;

/** Whether the copy has to be built again: what is outside src runs as it is. */
export function needsBuild({ edits }: Plant): boolean {
  return edits.some(({ file }) => file.startsWith('src/'));
}

/** The text of a file of this folder with an edit. @throws Error as `edited`, and if a file that is to be new is there */
export function editedIn(folder: string, edit: Edit, plant: string): string {
  const file = join(folder, edit.file);
  if (edit.from !== '') return edited(readFileSync(file, 'utf8'), edit, plant);
  if (existsSync(file)) throw new Error(`The plant ${plant} makes ${edit.file}, which is there already.`);
  return edit.to;
}

/**
 * The text of a file with an edit.
 *
 * @throws Error that names the plant and the file if the text to replace does not stand there exactly once
 */
export function edited(text: string, { file, from, to }: Edit, plant: string): string {
  const parts = text.split(from);
  if (parts.length === 2) return parts.join(to);
  throw new Error(`The plant ${plant} needs a text once in ${file}, and it is there ${parts.length - 1} times: ${from.trim()}`);
}
