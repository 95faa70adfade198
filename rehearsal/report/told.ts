import type { Book } from '../journal.js';
import type { Outcome } from '../run.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { Stage } from '../stage.js';

/** What a report is made of. A scenario that could not be played to its end has neither a record nor counts. */
export interface Told extends Pick<Outcome, 'verdicts' | 'samples' | 'lines' | 'windows'> {
  scenario: Pick<Scenario, 'name' | 'title' | 'builds'>;
  record: Outcome['record'] | null;
  counted: Omit<Outcome['counted'], 'tries'> | null;
}

/** What is known of a scenario that broke off; `stage` is null if it was not open yet. Its only verdict is why. */
export function brokenOffTold(scenario: Told['scenario'], stage: Pick<Stage, 'samples' | 'lines'> | null, error: unknown): Told {
  const detail = error instanceof Error ? error.message : String(error);
  return {
    scenario,
    verdicts: [{ text: 'it can be played', holds: false, detail }],
    samples: stage?.samples.all ?? [],
    lines: stage?.lines.all() ?? [],
    windows: [],
    record: null,
    counted: null,
  };
}

/** Entries of a journal. */
export type Entries = Book['entries'];

/** Whether all that has to hold does. */
export function isPassed({ verdicts }: Pick<Told, 'verdicts'>): boolean {
  return verdicts.every(({ holds }) => holds);
}
