import type { Grant } from './user-rights.js';

/** A right as TiDB shows it, with the database of a table or a column. */
export type ShownGrant = Grant & { database?: string };

/** What ALL PRIVILEGES on a database means. It is written out, so that what is too much can be taken without the rest. */
const ALL =
  'SELECT INSERT UPDATE DELETE CREATE DROP REFERENCES INDEX ALTER EXECUTE EVENT TRIGGER CREATE_TEMPORARY_TABLES LOCK_TABLES CREATE_VIEW SHOW_VIEW CREATE_ROUTINE ALTER_ROUTINE'
    .split(' ')
    .map((right) => right.replaceAll('_', ' '));
const NAME = '`((?:[^`]|``)*)`';
const LINE = new RegExp(`^GRANT (.+) ON (?:\\*\\.\\*|${NAME}\\.(?:\\*|${NAME})) TO .+?( WITH GRANT OPTION)?$`, 's');

/** The rights in the lines of SHOW GRANTS. A line that gives a role has none. */
export function parseGrants(lines: readonly string[]): ShownGrant[] {
  return lines.flatMap((line) => {
    const found = LINE.exec(line);
    if (!found) return [];
    const [, rights, schema, table, grantable] = found;
    // A comma between parentheses separates columns.
    return rights!
      .split(/,\s*(?![^(]*\))/)
      .flatMap((right) => grantsOfRight(right, { schema, table, grantable: grantable !== undefined }));
  });
}

function grantsOfRight(
  text: string,
  { schema, table, grantable }: { schema: string | undefined; table: string | undefined; grantable: boolean },
): ShownGrant[] {
  const [, name, columns] = /^([A-Z_ ]+?)\s*(?:\((.*)\))?$/i.exec(text)!;
  const common = { right: name!.toUpperCase(), grantable };
  if (schema === undefined) return [{ ...common, on: 'server' }];
  const database = plain(schema);
  if (table === undefined) {
    const rights = common.right === 'ALL PRIVILEGES' ? ALL : [common.right];
    return rights.map((right) => ({ right, grantable, on: 'schema', pattern: database }));
  }
  const place = { table: plain(table), database };
  if (columns === undefined) return [{ ...common, ...place, on: 'table' }];
  return columns.split(/,\s*/).map((column) => ({ ...common, ...place, on: 'column', column }));
}

function plain(quoted: string): string {
  return quoted.replaceAll('``', '`');
}
