import { readFileSync, writeFileSync } from 'node:fs';

/** A table of the output. `name` is what a document calls it by. */
export interface Table {
  name: string;
  title: string;
  columns: string[];
  rows: string[][];
}

const END = '<!-- end -->';

export function asText({ title, columns, rows }: Table): string {
  const line = fitted(columns, rows, (cells) => cells.join('  ').trimEnd());
  return [title, line(columns), ...rows.map(line)].join('\n');
}

/** As prettier would write it. */
export function asMarkdown({ columns, rows }: Table): string {
  const line = fitted(columns, rows, (cells) => `| ${cells.join(' | ')} |`);
  const widths = widthsOf(columns, rows);
  const rule = widths.map((width, at) => (isText(rows, at) ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(columns), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
}

/**
 * Replaces what stands between `<!-- table: NAME -->` and the next `<!-- end -->`. Tables that the document doesn't ask for stay out;
 * one that it asks for and that is not given is an error, or with `keepOthers` stays as it is.
 */
export function replaceTables(file: string, contents: ReadonlyMap<string, string>, keepOthers = false): void {
  const [before, ...parts] = readFileSync(file, 'utf8').split('<!-- table: ');
  const replaced = parts.map((part) => {
    const name = part.slice(0, part.indexOf(' -->'));
    const end = part.indexOf(END);
    const content = contents.get(name);
    if (content === undefined && keepOthers) return part;
    if (end < 0 || content === undefined) throw new Error(`${file}: no table "${name}", or no ${END} behind it.`);
    return `${name} -->\n\n${content}\n\n${part.slice(end)}`;
  });
  writeFileSync(file, [before, ...replaced].join('<!-- table: '));
}

function fitted(columns: string[], rows: string[][], join: (cells: string[]) => string): (cells: string[]) => string {
  const widths = widthsOf(columns, rows);
  return (cells) => join(cells.map((cell, at) => (isText(rows, at) ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))));
}

function widthsOf(columns: string[], rows: string[][]): number[] {
  return columns.map((column, at) => Math.max(3, column.length, ...rows.map((row) => row[at]!.length)));
}

/** Numbers stand on the right. */
function isText(rows: string[][], at: number): boolean {
  return rows.some((row) => !/^[\d,.+–∞-]+( %)?$/.test(row[at]!));
}
