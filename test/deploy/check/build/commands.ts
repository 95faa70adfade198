import type { Buildspec } from '../buildspec-grammar.js';
import type { Path } from '../source.js';

export const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;

/** One item of a list of commands, with the way to it in buildspec.yml. */
export interface Command {
  phase: (typeof PHASES)[number];
  /** Behind `finally`: it runs after a failure too. */
  last: boolean;
  text: string;
  path: Path;
}

/** All commands in the order in which a build that does not fail runs them. */
export function commandsOf(buildspec: Buildspec): Command[] {
  return PHASES.flatMap((phase) =>
    (['commands', 'finally'] as const).flatMap((list) =>
      (buildspec.phases[phase]?.[list] ?? []).map((text, index) => ({
        phase,
        last: list === 'finally',
        text,
        path: ['phases', phase, list, index],
      })),
    ),
  );
}

/** The words of a command, without their quotes. */
export function wordsOf(text: string): string[] {
  return (text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []).map((word) => word.replace(/["']/g, ''));
}

export interface Options {
  /** By name; an option without a value has an empty one. */
  given: ReadonlyMap<string, readonly string[]>;
  /** What is no option. */
  rest: readonly string[];
}

/** Options of a command line. `flags` have no value; all others take the next word, unless there is a `=`. */
export function optionsOf(words: readonly string[], flags: readonly string[]): Options {
  const given = new Map<string, string[]>();
  const rest: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (!word.startsWith('-')) {
      rest.push(word);
      continue;
    }
    const [name = '', value] = word.split(/=(.*)/s);
    const own = value ?? (flags.includes(name) ? '' : (words[++index] ?? ''));
    given.set(name, [...(given.get(name) ?? []), own]);
  }
  return { given, rest };
}
