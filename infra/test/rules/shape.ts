import type { Fault } from './fault.ts';

/** What a value has to be, other than a literal. */
class Rule {
  readonly says: string;
  readonly holds: (value: any) => boolean;

  constructor(says: string, holds: (value: any) => boolean) {
    this.says = says;
    this.holds = holds;
  }
}

/** An expected value with its reason. */
class Reasoned {
  readonly why: string;
  readonly expected: unknown;

  constructor(why: string, expected: unknown) {
    this.why = why;
    this.expected = expected;
  }
}

/** Any value for which this is true; `says` ends the sentence "make it …". */
export function rule(says: string, holds: (value: any) => boolean): unknown {
  return new Rule(says, holds);
}

/** This value, since … */
export function because(why: string, expected: unknown): unknown {
  return new Reasoned(why, expected);
}

/** A list of which the order means nothing. */
export function inAnyOrder(...items: unknown[]): unknown {
  const sorted = (list: unknown[]) => list.map((item) => JSON.stringify(item)).sort();
  return new Rule(
    `${JSON.stringify(items)}, in any order`,
    (value) => Array.isArray(value) && sorted(value).join() === sorted(items).join(),
  );
}

/**
 * Compares a value with what it has to be. Nothing may be there that is not expected: a property that nobody thought about is one that
 * nobody looked up.
 */
export function differences(actual: unknown, expected: unknown, where: string, why: string): Fault[] {
  if (expected instanceof Reasoned) return differences(actual, expected.expected, where, expected.why);
  if (expected instanceof Rule)
    return expected.holds(actual) ? [] : [{ where, what: `it is ${shown(actual)}: make it ${expected.says}`, why }];
  if (Array.isArray(expected)) return inLists(actual, expected, where, why);
  if (typeof expected === 'object' && expected !== null) return inObjects(actual, expected, where, why);
  if (actual === expected) return [];
  return [{ where, what: `it is ${shown(actual)}: make it ${shown(expected)}`, why }];
}

function inLists(actual: unknown, expected: unknown[], where: string, why: string): Fault[] {
  if (!Array.isArray(actual) || actual.length !== expected.length)
    return [{ where, what: `it is ${shown(actual)}: make it a list of ${expected.length}, ${shown(bare(expected))}`, why }];
  return expected.flatMap((item, at) => differences(actual[at], item, `${where}[${at}]`, why));
}

function inObjects(actual: unknown, expected: object, where: string, why: string): Fault[] {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
    return [{ where, what: `it is ${shown(actual)}: make it ${shown(bare(expected))}`, why }];
  const wanted = Object.entries(expected).filter(([, value]) => value !== undefined);
  const unknown = Object.entries(actual).filter(
    ([key, value]) => value !== undefined && (expected as Record<string, unknown>)[key] === undefined,
  );
  return [
    ...wanted.flatMap(([key, value]) => differences((actual as Record<string, unknown>)[key], value, `${where}.${key}`, why)),
    ...unknown.map(([key, value]) => ({
      where: `${where}.${key}`,
      what: `remove ${key} (${shown(value)}), or add it to the rules with its reason`,
      why,
    })),
  ];
}

/** Expected values without their reasons. */
function bare(expected: unknown): unknown {
  if (expected instanceof Reasoned) return bare(expected.expected);
  if (expected instanceof Rule) return expected.says;
  if (Array.isArray(expected)) return expected.map(bare);
  if (typeof expected !== 'object' || expected === null) return expected;
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, bare(value)]));
}

const SHOWN = 200;

function shown(value: unknown): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** Judged by rules of its own. */
export const ELSEWHERE: unknown = new Rule('anything', () => true);
