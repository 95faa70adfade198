import { stripVTControlCharacters } from 'node:util';
import { cut, factsOf } from './words.js';

export type Level = 'error' | 'warn' | 'info';

/** Levels are told by a sign too, not by colour alone. */
export const LEVEL_SIGNS: Record<Level, string> = { error: '✗', warn: '!', info: '·' };

/** A line of a log, read. */
export interface Line {
  at: number;
  level: Level;
  /** The event, or the line itself if it is no JSON. */
  what: string;
  /** The other fields of a JSON line that are worth reading. */
  facts: string;
}

const MOST_WHAT = 300;
const MOST_FACTS = 500;
/** The same in each line of a task, or told by the table. */
const KNOWN = new Set(['level', 'time', 'service', 'pid', 'msg', 'event', 'hostname']);
const LEVELS: Record<string, Level> = { fatal: 'error', error: 'error', warn: 'warn' };
/** Embedded metrics: they are numbers for CloudWatch. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const METRICS = '"CloudWatchMetrics"';

/** Reads a line of a task or a function; null for lines that are metrics. A line that is no JSON object is text at level info. */
export function readLine(at: number, text: string): Line | null {
  if (text.includes(METRICS)) return null;
  const plain = stripVTControlCharacters(text);
  const fields = plain.startsWith('{') ? parsed(plain) : null;
  if (!fields) return { at, level: 'info', what: cut(plain, MOST_WHAT), facts: '' };
  const level = LEVELS[String(fields['level'])] ?? 'info';
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !KNOWN.has(name)));
  const what = String(fields['msg'] ?? fields['event'] ?? '');
  return { at, level, what: cut(what, MOST_WHAT), facts: cut(factsOf(rest), MOST_FACTS) };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}
