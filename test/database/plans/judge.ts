/** A step of a plan that reads or sorts more than it should. */
export interface Fault {
  statement: string;
  step: string;
}

/** More rows than a page has: a step with fewer rows is no scan. */
const FEW = 300;

type Step = Record<string, unknown>;

/** What MariaDB's EXPLAIN says against a statement: a whole table or a whole index read, or more sorted than a page. */
export function faultsOfMariaDb(plan: readonly Step[]): string[] {
  return plan
    .filter(({ type, rows, Extra: extra }) => {
      const heavy = type === 'ALL' || type === 'index' || /filesort|temporary/.test(String(extra ?? ''));
      return heavy && Number(rows ?? 0) > FEW;
    })
    .map(
      ({ table, type, key, rows, Extra: extra }) =>
        `${String(table)}: ${String(type)}, key ${String(key)}, ${String(rows)} rows, ${String(extra)}`,
    );
}

/**
 * Columns without an alias, whose name is an expression with its values. The driver compiles and keeps a parser of rows for each set of names, so
 * each such statement costs a compilation, and memory.
 */
export function namesWithValues(columns: readonly string[]): string[] {
  return columns.filter((name) => /[^\w.()* ]/.test(name)).map((name) => `give this column an alias: ${name}`);
}

/**
 * The same of SQLite's EXPLAIN QUERY PLAN, which knows no numbers. A page may be read in the order of an index. `small` are tables that never
 * have many rows.
 */
export function faultsOfSqlite(statement: string, plan: readonly Step[], small: readonly string[]): string[] {
  const isPage = /ORDER BY .* LIMIT \?\s*$/.test(statement);
  return plan
    .map(({ detail }) => String(detail))
    .filter((detail) => {
      // Rows of one value of the terms before: they are few.
      if (/USE TEMP B-TREE/.test(detail)) return !/FOR LAST/.test(detail);
      const [, table = ''] = /^SCAN (\w+)/.exec(detail) ?? [];
      if (table === '' || small.includes(table) || /VIRTUAL TABLE|CONSTANT ROW|-ROW VALUES/.test(detail)) return false;
      const isSubquery = statement.includes(`) ${table}`);
      return !isSubquery && !(isPage && detail.includes('USING INDEX'));
    });
}

/** A statement without its values: those that differ only in these have one plan to look at. */
export function shapeOf(statement: string): string {
  return statement
    .replaceAll(/'(?:[^'\\]|\\.|'')*'/g, '?')
    .replaceAll(/\b\d+(\.\d+)?\b/g, '?')
    .replaceAll(/\?(\s*,\s*\?)+/g, '?')
    .replaceAll(/\(\?\)(\s*,\s*\(\?\))+/g, '(?)')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
