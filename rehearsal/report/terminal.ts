import { styleText } from 'node:util';
import type { Entry } from '../model.js';
import { failedOf, hasPassed, type Result } from '../result.js';
import type { Sample } from '../samples.js';
import type { Stage } from '../stage.js';
import { Cast, COLOURS } from './cast.js';
import { failuresOf, rates, weightShare } from './series.js';
import { tellingOf, type Tone } from './tellings.js';
import { cut, millis, percent } from './words.js';

/** Each second sample has a line. */
const EVERY = 2;
const BAR_CELLS = 12;
const LONGEST = 200;
/** `AfterAllowTestTraffic` is the longest phase. */
const PHASE_WIDTH = 21;

type Format = Parameters<typeof styleText>[0];

/** Gives text a colour, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

/** Paints for a stream: no colours if it is not a terminal, or if NO_COLOR is set (https://no-color.org). */
export function painter(stream: NodeJS.WritableStream): Paint {
  return (format, text) => styleText(format, text, { stream });
}

const MARKS: Record<Tone, [string, Format]> = { plain: ['▸', 'bold'], good: ['✓', 'green'], bad: ['✗', 'red'] };

const STATES = [
  ['healthy', '●'],
  ['initial', '○'],
  ['unhealthy', '✗'],
  ['draining', '◌'],
] as const;

/** What the signs of a line mean. */
export const LEGEND = `targets: ${STATES.map(([state, sign]) => `${sign} ${state}`).join('  ')}   queue: green's share of the deliveries`;

/** What a status line says. */
export interface Status {
  /** Of the deployment. */
  phase: string;
  sample: Sample;
  perSecond: number;
  /** Of all requests so far. */
  failed: number;
}

/** Writes what matters as it happens, and a line of all numbers every two seconds. Answers how to end it. */
export function watch(
  { journal, samples }: Pick<Stage, 'journal' | 'samples'>,
  write: (line: string) => void,
  paint: Paint = painter(process.stdout),
): () => void {
  const progress = new Progress();
  for (const entry of journal.entries) progress.add(entry);
  let [isOver, failed] = [false, 0];
  write(paint('dim', LEGEND));
  journal.onEntry((entry) => {
    progress.add(entry);
    const line = isOver ? null : eventLine(entry, progress.cast, paint);
    if (line !== null) write(line);
  });
  samples.onSample((sample) => {
    failed += failuresOf(sample);
    if (isOver || samples.all.length % EVERY !== 0) return;
    const perSecond = rates(samples.all.slice(-2), ({ load }) => load.tries).at(-1)!;
    write(statusLine({ phase: progress.phase, sample, perSecond, failed }, paint));
  });
  return () => void (isOver = true);
}

/** Where the deployment is. */
class Progress {
  readonly cast = new Cast();
  phase = '';
  private rollback = '';

  add(entry: Entry): void {
    this.cast.add(entry);
    const { subject, event, facts } = entry;
    if (event === 'phase.begin') this.phase = String(facts['phase']);
    if (event === 'deployment.created' && facts['creator'] === 'codeDeployRollback') this.rollback = subject;
    if (event === 'deployment.status' && facts['status'] !== 'InProgress')
      this.phase = subject === this.rollback ? 'RolledBack' : String(facts['status']);
  }
}

/** The line of an entry; null for small steps. */
export function eventLine(entry: Entry, cast: Cast, paint: Paint): string | null {
  const telling = tellingOf(entry, cast);
  if (!telling) return null;
  const [sign, format] = MARKS[telling.tone];
  const text = cut(telling.text.replace(/\s+/g, ' '), LONGEST);
  return `${time(entry.at)} ${paint(format, `${sign} ${telling.lane.padEnd(10)} ${text}`)}`;
}

/** All numbers of a sample in one line. */
export function statusLine({ phase, sample, perSecond, failed }: Status, paint: Paint): string {
  const { at, colours, load, queueShare } = sample;
  const [blue, green] = colours.map(({ weight }) => weight) as [number, number];
  const now = failuresOf(sample);
  const weights = `traffic ${String(blue).padStart(3)} ${bar(sample, paint)} ${String(green).padEnd(3)}`;
  const targets = colours
    .map(({ targets }, nth) => paint(COLOURS[nth]!, `${COLOURS[nth]} ${targetsOf(targets).padEnd(4)}`))
    .join(' ');
  const failures = `${failed} failed${now > 0 ? ` (+${now})` : ''}`;
  const parts = [
    `${time(at)}   ${phase.padEnd(PHASE_WIDTH)}`,
    weights,
    targets,
    `${Math.round(perSecond)}/s`.padStart(5),
    now > 0 ? paint('red', failures) : failures,
    `p99 ${millis(load.tries > 0 ? load.p99Ms : null).padStart(6)}`,
    `queue ${percent(queueShare)}`,
  ];
  return parts.join('  ');
}

function bar(sample: Sample, paint: Paint): string {
  const share = weightShare(sample);
  if (share === null) return '·'.repeat(BAR_CELLS);
  // A small share has a cell as well.
  const cells = share > 0 && share < 1 ? Math.min(BAR_CELLS - 1, Math.max(1, Math.round(share * BAR_CELLS))) : share * BAR_CELLS;
  return paint('blue', '█'.repeat(BAR_CELLS - cells)) + paint('green', '▒'.repeat(cells));
}

function targetsOf(targets: Sample['colours'][number]['targets']): string {
  return STATES.map(([state, sign]) => sign.repeat(targets[state] ?? 0)).join('') || '–';
}

/** The result in a few lines. */
export function summaryOf(result: Result, paint: Paint = painter(process.stdout)): string[] {
  const { name, title, seconds, sent, first } = result;
  const word = hasPassed(result) ? paint('green', 'ok    ') : paint('red', 'FAILED');
  const again = first ? ', played a second time' : '';
  return [
    `${word} ${name}: ${title} (${seconds.toFixed(0)} s, ${sent} requests${again})`,
    ...failedOf(result).map(({ text, detail }) => `         not so: ${text} (${detail})`),
  ];
}

const time = (ms: number) => `${(ms / 1_000).toFixed(1).padStart(6)} s`;

/** What a command says of an error it ends with. What its user can mend is a sentence; anything else needs its place in the code. */
export const sentenceOf = (error: Error): string =>
  error.constructor === Error ? error.message : (error.stack ?? error.message);
