/** The line, counted from 1, of a place in a text. */
export function lineAtOffset(text: string, offset: number): number {
  return text.slice(0, Math.max(offset, 0)).split('\n').length;
}

/** The first line that has `needle`; 1 if none has. */
export function lineOf(text: string, needle: string): number {
  return lineAtOffset(text, text.indexOf(needle));
}

/**
 * The line of a property in TypeScript source, by the names that lead to it: `['sizes', 'small', 'cpu']`. Each name is looked for
 * behind the one before; what can't be found any more ends the way there.
 */
export function lineOfProperty(text: string, names: readonly string[]): number {
  let offset = 0;
  for (const [depth, name] of names.entries()) {
    const pattern = depth === 0 ? `export (?:const|function) ${name}\\b` : `(^|[\\s{,])'?${name}'?(:|,$)`;
    const found = text.slice(offset).search(new RegExp(pattern, 'm'));
    if (found < 0) break;
    // The pattern may begin with the line break before the name.
    offset += found + (depth > 0 && /\s/.test(text[offset + found] ?? '') ? 1 : 0);
  }
  return lineAtOffset(text, offset);
}
