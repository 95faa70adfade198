import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PROJECT = resolve(import.meta.dirname, '../..');
const DOCUMENT = join(PROJECT, 'docs/log-events.md');

/** A call of the log: its level, or an expression in brackets that picks one, and the event up to the end of the first argument. */
const CALL = /\blog(?:\.(debug|info|warn|error)|\[([^\]]*)\])\(\s*([^,)]+)/g;
const EVENT = /^['`]([a-z_${}]+\.[a-z_]+)['`]$/;

interface Call {
  at: string;
  event: string;
  levels: string[];
}

const sources = readdirSync(join(PROJECT, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ path: path.slice(PROJECT.length + 1), text: withoutComments(readFileSync(path, 'utf8')) }));

/** The log itself, and where Nest's lines and the words of a bad configuration pass through. */
const WITHOUT_EVENTS = ['src/observability/log.ts'];
const BAD_CONFIGURATION = 'error.message';

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\//g, '');
}

/** What loops are called, whose failures are logged under their names. */
const loops = sources.flatMap(({ text }) => [...text.matchAll(/gatedLoop\(\s*\{\s*name: '([a-z_]+)'/g)].map(([, name]) => name!));

function calls(): Call[] {
  return sources
    .filter(({ path }) => !WITHOUT_EVENTS.includes(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(CALL)].flatMap(([, level, , argument]) => {
        const given = argument!.trim();
        if (given === BAD_CONFIGURATION) return [];
        const levels = level === undefined ? ['warn', 'error'] : [level];
        const event = EVENT.exec(given)?.[1] ?? `not readable: ${given}`;
        const events = event.includes('${name}') ? loops.map((name) => event.replace('${name}', name)) : [event];
        return events.map((name) => ({ at: path, event: name, levels }));
      }),
    );
}

/** Event → its levels, mildest first. */
function levelsByEvent(): Record<string, string> {
  const order = ['debug', 'info', 'warn', 'error'];
  const all = Map.groupBy(calls(), ({ event }) => event);
  const entries = [...all].map(([event, own]) => {
    const levels = new Set(own.flatMap((call) => call.levels));
    return [event, order.filter((level) => levels.has(level)).join(', ')] as const;
  });
  return Object.fromEntries(entries);
}

const rows = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `([^`]+)` *\| ([a-z, ]+?) *\| (.+?) *\| (.+?) *\|$/gm)];

describe('the table of docs/log-events.md', () => {
  it('has every event that the code logs, with its levels, and none besides', () => {
    expect(rows.length).toBeGreaterThan(60);
    expect(Object.fromEntries(rows.map(([, event, level]) => [event, level]))).toEqual(levelsByEvent());
  });

  it('has each event once, in alphabetical order, with a meaning and what to do', () => {
    const events = rows.map(([, event]) => event!);

    expect(events).toEqual([...new Set(events)].toSorted());
    expect(rows.filter(([, , , meaning, todo]) => !meaning?.endsWith('.') || !todo)).toEqual([]);
  });

  it('has one word for what stops answering, and one for what answers again', () => {
    const events = rows.map(([, event]) => event!);
    const others = /\.(up|down|recovered|unanswered|answered|answered_again)$/;

    expect(events.filter((event) => others.test(event))).toEqual([]);
    for (const event of events.filter((name) => name.endsWith('.away')))
      expect(events).toContain(event.replace('.away', '.back'));
  });
});
