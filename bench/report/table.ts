import type { StepResult } from './results.js';

/** A step's table: a line for each row and target; the ratio is that of the first figure to the floor's. */
export function tableOf({ name, rows }: StepResult): string {
  const lines: string[] = [];
  let columns: string[] = [];
  let block: string[][] = [];
  const flush = () => {
    if (block.length > 0) lines.push(...aligned([['', '', ...columns, ''], ...block]));
    block = [];
  };
  for (const [row, targets] of Object.entries(rows)) {
    const own = [...new Set(Object.values(targets).flatMap(({ figures }) => Object.keys(figures)))];
    if (own.join() !== columns.join()) flush();
    columns = own;
    Object.entries(targets).forEach(([target, { figures, ofFloor }], n) => {
      const ratio = ofFloor === null ? '' : `${shown(ofFloor)} of the floor`;
      block.push([n === 0 ? row : '', target, ...columns.map((column) => shown(figures[column]?.median)), ratio]);
    });
  }
  flush();
  return [`\n${name}`, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

/** Three digits that matter. */
export function shown(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (Math.abs(value) >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3);
}

/** Columns under each other: the first two, and the last, are text. */
export function aligned(cells: readonly string[][]): string[] {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length)));
  return cells.map((line) =>
    line
      .map((cell, column) => {
        const isText = column < 2 || column === widths.length - 1;
        return isText ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
      })
      .join('  '),
  );
}
