/** How much of its input an error may repeat. Without a limit, an answer could be many times as large as its request. */
const MAX_CHARS = 200;
const MAX_NAMES = 10;

/** A text of a caller for an error: at most 200 characters of it. */
export function shortened(text: string, max = MAX_CHARS): string {
  // The cut can be inside a surrogate pair.
  return text.length <= max ? text : `${text.slice(0, max).toWellFormed()}…`;
}

/** The same in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(text));
}

/** Names of a caller for an error: the first ten at most, and how many there are beside them. */
export function listed(names: readonly string[]): string {
  const shown: string[] = [];
  let chars = 0;
  for (const name of names.slice(0, MAX_NAMES)) {
    if (shown.length > 0 && chars + name.length > MAX_CHARS) break;
    shown.push(shortened(name));
    chars += name.length;
  }
  const others = names.length - shown.length;
  return others === 0 ? shown.join(', ') : `${shown.join(', ')} and ${others} more`;
}

/** A path in the input of a caller for an error. Of a long one the end is left out. */
export function shortPath(steps: readonly string[]): string[] {
  let left = MAX_CHARS;
  const shown: string[] = [];
  for (const step of steps) {
    if (left <= 0) return [...shown, '…'];
    shown.push(shortened(step, left));
    left -= step.length;
  }
  return shown;
}
