import type { Entry } from '../model.js';
import type { Window } from '../oracle.js';
import { Cast } from './cast.js';
import { tellingOf, type Telling } from './tellings.js';
import type { Entries, Told } from './told.js';

/** A phase of a deployment, or the end of a task set. Times are real ms since the rehearsal began. */
export interface Band {
  name: string;
  from: number;
  to: number;
  /** `Succeeded`, `Failed`; null if nobody said how it ended. */
  status: string | null;
}

/** A time in which something was broken on purpose. */
export interface Shade {
  why: string;
  /** What requests may get in it. */
  outcomes: readonly string[];
  from: number;
  to: number;
}

/** An entry that matters. */
export interface Mark extends Telling {
  /** Its place in the journal. */
  nth: number;
  at: number;
}

/** What happened, in the shapes that a picture of it needs. */
export interface Story {
  /** The time that charts show. */
  from: number;
  to: number;
  bands: Band[];
  shades: Shade[];
  marks: Mark[];
  cast: Cast;
}

/** Before the first sample is taken. */
const SAMPLE_MS = 1_000;
/** Part of the time that a band has to have to be seen. */
const LEAST_SHADED = 0.004;

export function storyOf({ samples, windows }: Pick<Told, 'samples' | 'windows'>, entries: Entries): Story {
  const cast = new Cast();
  const marks: Mark[] = [];
  entries.forEach((entry, nth) => {
    cast.add(entry);
    const telling = tellingOf(entry, cast);
    if (telling) marks.push({ ...telling, nth, at: entry.at });
  });
  const from = samples.length > 0 ? Math.max(0, samples[0]!.at - SAMPLE_MS) : (entries[0]?.at ?? 0);
  const to = samples.at(-1)?.at ?? entries.at(-1)?.at ?? from;
  return { from, to, bands: bandsOf(entries, cast, to), shades: shadesOf(entries, windows, to), marks, cast };
}

/** The phases that are seen as bands, every second one: neighbours are told apart by that. Phases without a hook take no time. */
export function shadedBands({ from, to, bands }: Pick<Story, 'from' | 'to' | 'bands'>): Band[] {
  const least = (to - from) * LEAST_SHADED;
  return bands.filter((band) => Math.min(band.to, to) - Math.max(band.from, from) > least).filter((_, nth) => nth % 2 === 0);
}

/** The phases in order. The end of a task set goes on behind the next deployment, whose phases are more interesting. */
function bandsOf(entries: Entries, cast: Cast, end: number): Band[] {
  const phases = entries.filter(({ event }) => event === 'phase.begin').map((entry) => phaseOf(entry, entries, end));
  const ends = entries.filter(({ event }) => event === 'taskset.deleting').map((entry) => endOf(entry, entries, cast, end));
  for (const one of ends) one.to = Math.min(one.to, ...phases.filter(({ from }) => from >= one.from).map(({ from }) => from));
  return [...phases, ...ends].toSorted((one, other) => one.from - other.from);
}

function phaseOf({ at, subject, facts }: Entry, entries: Entries, end: number): Band {
  const isOver = ({ event, facts: later }: Entry) =>
    (event === 'phase.end' && later['phase'] === facts['phase']) ||
    (event === 'deployment.status' && ['Succeeded', 'Failed', 'Stopped'].includes(String(later['status'])));
  const over = entries.find((entry) => entry.at >= at && entry.subject === subject && isOver(entry));
  return { name: String(facts['phase']), from: at, to: over?.at ?? end, status: over ? String(over.facts['status']) : null };
}

function endOf({ at, facts: { taskSet } }: Entry, entries: Entries, cast: Cast, end: number): Band {
  const over = entries.find(
    ({ event, facts, ...later }) => later.at >= at && event === 'taskset.deleted' && facts['taskSet'] === taskSet,
  );
  return { name: `end of ${cast.colourOf(String(taskSet)) ?? 'a task set'}`, from: at, to: over?.at ?? end, status: null };
}

function shadesOf(entries: Entries, windows: readonly Window[], end: number): Shade[] {
  const broken = entries.filter(({ source, event }) => source === 'scenario' && event === 'broken');
  return broken.map(({ at, subject: why }) => {
    const mended = entries.find((entry) => entry.at >= at && entry.event === 'mended' && entry.subject === why);
    const outcomes = windows.find((window) => window.why === why)?.outcomes ?? [];
    return { why, outcomes, from: at, to: mended?.at ?? end };
  });
}
