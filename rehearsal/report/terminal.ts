import type { Entry } from '../model.js';
import { hasPassed, type Result } from '../result.js';
import type { Stage } from '../stage.js';

const EVERY_MS = 2_000;
/** What is told as it happens; the report has the rest. */
const QUIET = new Set(['log', 'called']);

/** Writes what happens to the terminal: each event, and every two seconds the weights and the targets. Answers how to end it. */
export function watch(stage: Stage, write: (line: string) => void): () => void {
  stage.journal.onEntry((entry) => {
    if (!QUIET.has(entry.event) || entry.source === 'lambda') write(lineOf(entry));
  });
  const timer = setInterval(() => write(stateOf(stage)), EVERY_MS);
  return () => clearInterval(timer);
}

function lineOf({ at, source, subject, event, facts }: Entry): string {
  const about = Object.entries(facts).map(
    ([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
  );
  return `${seconds(at)} ${source.padEnd(10)} ${short(subject)} ${event} ${about.join(' ')}`.trimEnd().slice(0, 400);
}

/** One line: weights, targets by state, and answers so far of each group. */
function stateOf({ clock, groups, loadBalancer }: Stage): string {
  const counts = loadBalancer.counts();
  const parts = groups.map((group) => {
    const { arn, name } = group.settings;
    const states = Object.entries(Object.groupBy(group.health(), ({ state }) => state)).map(
      ([state, some]) => `${some!.length} ${state}`,
    );
    const { requests = 0 } = counts.get(arn) ?? {};
    return `${name} weight ${loadBalancer.production.weights.get(arn) ?? 0}, ${states.join(' ') || 'no targets'}, ${requests} requests`;
  });
  return `${seconds(clock.now())} ${parts.join(' | ')}`;
}

/** The result in a few lines. */
export function summaryOf(result: Result): string[] {
  const { name, title, verdicts, seconds: took, sent } = result;
  const head = `${hasPassed(result) ? 'ok    ' : 'FAILED'} ${name}: ${title} (${took.toFixed(0)} s, ${sent} requests)`;
  const failed = verdicts.filter(({ holds }) => !holds);
  return [head, ...failed.map(({ text, detail }) => `         not so: ${text} (${detail})`)];
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1).padStart(6)} s`;
const short = (subject: string) => subject.split('/').at(-1)!.slice(-24);
