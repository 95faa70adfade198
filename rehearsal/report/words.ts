/** `12.3 s` of ms. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** `24,012`. */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** `10 %` of 0.1; a dash where there is none. */
export function percent(share: number | null): string {
  return share === null ? '–' : `${Math.round(share * 100)} %`;
}

/** `14 ms`; a dash where there is none. */
export function millis(ms: number | null): string {
  return ms === null ? '–' : `${Math.round(ms)} ms`;
}

/** At most so many characters, with a sign that there were more. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The last part of an ARN or another name with slashes: `posthorn:7` of a task definition. */
export function lastPart(name: string): string {
  return name.split('/').at(-1)!;
}

/** The first letters of a task's id, which are enough to tell tasks apart. */
export function taskName(arn: string): string {
  return lastPart(arn).slice(0, 8);
}

/** `name=value …` of the facts of an entry. */
export function factsOf(facts: Record<string, unknown>): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(' ');
}
