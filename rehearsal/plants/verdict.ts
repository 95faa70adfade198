import type { Table } from '../../bench/report/layout.js';
import type { Plant } from './plant.js';

const NOT_SO = /^\s*not so: (.*)$/;

/** How a rehearsal ended. */
export interface Ended {
  /** Of its process; null if it was killed. */
  code: number | null;
  /** It took too long, and was stopped. */
  isLate: boolean;
  lines: readonly string[];
}

/** What a rehearsal made of a plant, or of a copy without any. */
export interface Finding {
  /** It noticed the mistake, by the verdict that the plant names; without a plant: everything held. */
  isGood: boolean;
  /** In one line: the verdict, or why there is none. */
  said: string;
}

/** Whether a rehearsal caught a plant. */
export function findingOf({ says }: Plant, ended: Ended): Finding {
  const verdicts = verdictsOf(ended);
  const [caught] = verdicts.filter((verdict) => says.test(verdict));
  if (ended.code === 1 && caught !== undefined) return { isGood: true, said: caught };
  if (ended.isLate) return { isGood: false, said: 'the rehearsal did not end in time' };
  if (ended.code === 0) return { isGood: false, said: 'everything held' };
  if (verdicts.length === 0) return { isGood: false, said: brokenOff(ended) };
  return { isGood: false, said: `for another reason: ${verdicts.join('; ')}` };
}

/** Whether everything held in a copy without a plant. */
export function controlOf(ended: Ended): Finding {
  if (ended.code === 0) return { isGood: true, said: 'everything held' };
  if (ended.isLate) return { isGood: false, said: 'the rehearsal did not end in time' };
  const verdicts = verdictsOf(ended);
  return { isGood: false, said: verdicts.length === 0 ? brokenOff(ended) : verdicts.join('; ') };
}

/** The table of the command, and of the documentation. */
export function tableOf(found: readonly { plant: Plant; finding: Finding }[]): Table {
  const rows = found.map(({ plant: { area, mistake, scenario }, finding: { isGood, said } }) => [
    area,
    cell(mistake),
    scenario,
    isGood ? 'yes' : 'no',
    // Verdicts name alarms in angle brackets, which would be HTML.
    `\`${cell(said)}\``,
  ]);
  return { name: 'plants', title: 'Planted mistakes', columns: ['area', 'mistake', 'scenario', 'caught', 'not so'], rows };
}

function verdictsOf({ lines }: Ended): string[] {
  return lines.flatMap((line) => NOT_SO.exec(line)?.[1] ?? []);
}

function brokenOff({ code, lines }: Ended): string {
  return `the rehearsal broke off (${code ?? 'killed'}): ${lines.slice(-8).join(' ').trim()}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('`', "'").replaceAll('\n', ' ');
}
