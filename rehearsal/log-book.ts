import type { LogLine } from './stage.js';

/** Of each kind of line of a task so many are kept from its beginning, and as many from its end. */
const MOST = 500;
const EVENT = /"event":"([^"]*)"/;
const LEVEL = /"level":"([^"]*)"/;

/**
 * The lines that tasks print: of each kind (a level and an event) the first and the last ones. There is a line for each request, and those must not
 * push the few out that tell of a stop or an error.
 */
export class LogBook {
  private readonly kinds = new Map<string, LogLine[]>();

  add(line: LogLine): void {
    const kind = [line.taskArn, LEVEL.exec(line.text)?.[1], EVENT.exec(line.text)?.[1]].join(' ');
    const lines = this.kinds.get(kind) ?? [];
    if (lines.length === 2 * MOST) lines.splice(MOST, 1);
    lines.push(line);
    this.kinds.set(kind, lines);
  }

  /** In the order of time. */
  all(): LogLine[] {
    return [...this.kinds.values()].flat().toSorted((one, other) => one.at - other.at);
  }
}
