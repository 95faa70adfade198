/** HTML in which all text from outside is escaped. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Part = string | number | Html | undefined | null | false | Part[];

/** Writes HTML. Inserted values are escaped, unless they are Html. Lists are joined; undefined, null and false are left out. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.reduce((text, string, at) => text + written(parts[at - 1]) + string));
}

function written(part: Part): string {
  if (Array.isArray(part)) return part.map(written).join('');
  if (part instanceof Html) return part.text;
  return part === undefined || part === null || part === false ? '' : escaped(String(part));
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
