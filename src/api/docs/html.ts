/** HTML that is safe to put into a page: whatever came from elsewhere has been escaped. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

type Part = string | number | Html | undefined | null | false | Part[];

/** Writes HTML; what is inserted is escaped, unless it is HTML itself. Lists are joined, and nothing stands for nothing. */
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
