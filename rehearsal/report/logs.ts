import type { LogLine } from '../stage.js';
import type { Entry } from '../model.js';
import type { TaskStory } from './cast.js';
import { escaped } from './escape.js';
import { LEVEL_SIGNS, readLine, type Line } from './log-line.js';
import type { Story } from './story.js';
import type { Entries, Told } from './told.js';
import { count, lastPart, seconds, taskName } from './words.js';

/** Characters of HTML for the lines of all tasks and functions. */
const BUDGET = 1_200_000;
const LEAST_BUDGET = 4_000;
const MOST_BUDGET = 200_000;

/** The logs: a section for each task and each function that can be opened. */
export function logsOf(
  { cast }: Pick<Story, 'cast'>,
  { lines, scenario }: Pick<Told, 'lines' | 'scenario'>,
  entries: Entries,
): string {
  const byTask = Map.groupBy(lines, ({ taskArn }) => taskArn);
  const functions = Map.groupBy(
    entries.filter(({ source, event }) => source === 'lambda' && event === 'log'),
    ({ subject }) => subject,
  );
  const tasks = [...cast.tasks.values()];
  const budget = Math.min(MOST_BUDGET, Math.max(LEAST_BUDGET, BUDGET / Math.max(1, tasks.length + functions.size)));
  const ofTasks = tasks.map((task) => {
    const { builds = { blue: 'before', green: 'now' } } = scenario;
    const build = task.definition === cast.firstDefinition ? builds.blue : builds.green;
    return sectionOf(
      headOf(task, build),
      (byTask.get(task.arn) ?? []).map(readTaskLine),
      budget,
      `Log of task ${taskName(task.arn)}`,
    );
  });
  const ofFunctions = [...functions].map(([name, some]) =>
    sectionOf(`<b>${escaped(name)}</b>`, some.map(readFunctionLine), budget, `Log of ${name}`),
  );
  return `<section aria-labelledby="logs"><h2 id="logs">Logs</h2>
<p class="soft">Of each kind of line the first and the last ones, and errors and warnings before all others. Lines of metrics are left out.</p>
<h3>Tasks</h3>${ofTasks.join('') || '<p>No task was started.</p>'}
<h3>Functions</h3>${ofFunctions.join('') || '<p>No function printed anything.</p>'}</section>
`;
}

const readTaskLine = ({ at, text }: LogLine) => readLine(at, text);
const readFunctionLine = ({ at, facts }: Entry) => readLine(at, String(facts['line']));

function headOf(
  { arn, colour, definition, zone, createdAt, startedAt, stoppedAt, why, exitCode }: TaskStory,
  build: string,
): string {
  const times = [
    `from ${seconds(createdAt)}`,
    startedAt === null ? 'never RUNNING' : `RUNNING at ${seconds(startedAt)}`,
    ...(stoppedAt === null ? [] : [`STOPPED at ${seconds(stoppedAt)}`]),
  ];
  const ended = why === null ? '' : `<br>${escaped(why)}${exitCode === null ? '' : `, exit code ${exitCode}`}`;
  return `<span class="dot ${colour ?? ''}">${colour ?? '?'}</span> <b>${escaped(taskName(arn))}</b> build ${escaped(build)} (${escaped(lastPart(definition))}), ${escaped(zone)}, ${times.join(', ')}${ended}`;
}

function sectionOf(head: string, lines: readonly (Line | null)[], budget: number, label: string): string {
  const known = lines.filter((line) => line !== null);
  const [errors, warnings] = ['error', 'warn'].map((level) => known.filter((line) => line.level === level).length) as [
    number,
    number,
  ];
  const counts = [
    `${count(known.length)} lines kept`,
    ...(errors > 0 ? [`<span class="bad">${LEVEL_SIGNS.error} ${count(errors)} errors</span>`] : []),
    ...(warnings > 0 ? [`<span class="warn">${LEVEL_SIGNS.warn} ${count(warnings)} warnings</span>`] : []),
  ];
  const rows = withGaps(known, budget);
  return `<details><summary>${head} <small>${counts.join(', ')}</small></summary><div class="scroll" tabindex="0" role="region" aria-label="${escaped(label)}"><table class="log">
<thead><tr><th scope="col" class="number">Time</th><th scope="col">Level</th><th scope="col">Line</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></div></details>
`;
}

/** As many lines as the budget allows, in their order, with a row where some are left out. */
function withGaps(lines: readonly Line[], budget: number): string[] {
  const rows = lines.map(rowOf);
  const kept = new Set<number>();
  let spent = 0;
  for (const nth of byInterest(lines)) {
    spent += rows[nth]!.length;
    if (spent > budget) break;
    kept.add(nth);
  }
  const shown: string[] = [];
  let left = 0;
  const gap = () => {
    if (left > 0) shown.push(`<tr><td></td><td></td><td class="facts">… ${count(left)} lines are left out</td></tr>`);
    left = 0;
  };
  rows.forEach((row, nth) => {
    if (!kept.has(nth)) return void left++;
    gap();
    shown.push(row);
  });
  gap();
  return shown;
}

/** Places of lines, what is worth most first: errors and warnings, then lines near the first or the last one of their kind. */
function byInterest(lines: readonly Line[]): number[] {
  const kinds = Map.groupBy(lines.keys(), (nth) => lines[nth]!.what);
  const worth = lines.map(() => 0);
  for (const places of kinds.values())
    places.forEach(
      (place, nth) => (worth[place] = Math.min(nth, places.length - 1 - nth) + (lines[place]!.level === 'info' ? 1_000_000 : 0)),
    );
  return [...lines.keys()].toSorted((one, other) => worth[one]! - worth[other]!);
}

function rowOf({ at, level, what, facts }: Line): string {
  const look = level === 'error' ? ' class="bad"' : level === 'warn' ? ' class="warn"' : '';
  return `<tr><td class="number">${seconds(at)}</td><td${look}>${LEVEL_SIGNS[level]} ${level}</td><td><b${look}>${escaped(what)}</b> <span class="facts">${escaped(facts)}</span></td></tr>`;
}
