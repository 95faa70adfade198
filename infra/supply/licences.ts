import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences that a package of the image may have, by their SPDX identifiers (https://spdx.org/licenses). All of them ask for no
 * more than their text to be kept with the copy. A licence with other duties (GPL, AGPL, SSPL, …) is a decision, not an update.
 */
export const ALLOWED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT', 'MIT-0'];

/** A file with the text of a licence, or with what has to go with it. */
const TEXT = /^(licen[cs]es?|copying|notice|unlicense)([.-].*)?(?<!js)$/i;

/** A package that production installs. */
export interface Licensed {
  name: string;
  version: string;
  /** An SPDX expression; empty if the package states none. */
  licence: string;
  /** Where the package is, and its files with texts. */
  folder: string;
  texts: string[];
}

interface Locked {
  name?: string;
  version?: string;
  license?: string;
  dev?: boolean;
  devOptional?: boolean;
  link?: boolean;
  optional?: boolean;
}

/**
 * Every package of package-lock.json that production has, with the licence that its own package.json states. Workspaces are ours. Optional ones only where
 * they are installed: most are for other processors. Throws if a needed one is missing.
 */
export function licencesOf(root: string): Licensed[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  const rows = Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional, link }]) => folder.startsWith('node_modules/') && !link && !dev && !devOptional)
    .flatMap(([folder, locked]) => read(root, folder, locked) ?? []);
  return rows.sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en', { numeric: true }));
}

function read(root: string, folder: string, { optional }: Locked): Licensed | undefined {
  let files: string[];
  try {
    files = readdirSync(join(root, folder));
  } catch (error) {
    if (optional) return undefined;
    throw new Error(`${folder} is not installed. Run npm ci, then this command again.`, { cause: error });
  }
  const own = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const texts = files.filter((file) => TEXT.test(file)).sort();
  return { name: String(own.name), version: String(own.version), licence: statedIn(own), folder, texts };
}

/** `license`, or one of the forms that npm took before 2014. */
function statedIn({ license, licenses }: Record<string, unknown>): string {
  const typeOf = (value: unknown) =>
    typeof value === 'string' ? value : String((value as { type?: string } | null)?.type ?? '');
  return Array.isArray(licenses) && license === undefined ? licenses.map(typeOf).join(' OR ') : typeOf(license);
}

/** What is wrong with these licences: one sentence for each package. */
export function faultsOf(rows: readonly Licensed[], allowed: readonly string[] = ALLOWED): string[] {
  return rows
    .filter(({ licence }) => !allows(licence, allowed))
    .map(({ name, version, licence }) =>
      licence === ''
        ? `${name} ${version} states no licence in its package.json. Ask its authors, or replace the package.`
        : `${name} ${version} has the licence ${licence}, which is not among ${allowed.join(', ')}. Replace the package, or decide that its licence is acceptable and add it to ALLOWED in infra/supply/licences.ts.`,
    );
}

/** Whether an SPDX expression can be met with allowed licences alone: of an OR one side, of an AND both. An exception (WITH) is refused. */
function allows(expression: string, allowed: readonly string[]): boolean {
  const words = expression.replace(/[()]/g, ' $& ').trim().split(/\s+/);
  const either = (): boolean => {
    let fits = both();
    while (words[0] === 'OR' && words.shift()) fits = both() || fits;
    return fits;
  };
  const both = (): boolean => {
    let fits = one();
    while (words[0] === 'AND' && words.shift()) fits = one() && fits;
    return fits;
  };
  const one = (): boolean => {
    const word = words.shift() ?? '';
    if (word !== '(') return allowed.includes(word);
    const fits = either();
    return words.shift() === ')' && fits;
  };
  return either() && words.length === 0;
}

/** One line a package: name, version, licence, and the files with its text. */
export function listOf(rows: readonly Licensed[]): string {
  return rows
    .map(({ name, version, licence, texts }) => `${name} ${version}\t${licence || 'UNKNOWN'}\t${texts.join(', ') || 'no text'}`)
    .join('\n');
}

/** The list with the texts themselves; a text that several packages share stands there once, under all their names. */
export function textsOf(root: string, rows: readonly Licensed[]): string {
  const holders = new Map<string, string[]>();
  for (const { name, version, folder, texts } of rows) {
    for (const file of texts) {
      const text = readFileSync(join(root, folder, file), 'utf8')
        .replace(/\r\n/g, '\n')
        .trim();
      holders.set(text, [...(holders.get(text) ?? []), `${name} ${version} (${file})`]);
    }
  }
  const parts = [...holders].map(([text, names]) => `${'='.repeat(80)}\n${names.join('\n')}\n${'-'.repeat(80)}\n${text}\n`);
  return ['Posthorn contains these packages.\n', `${listOf(rows)}\n`, ...parts].join('\n');
}

if (import.meta.main) {
  try {
    const rows = licencesOf('.');
    const faults = faultsOf(rows);
    process.stdout.write(`${process.argv.includes('--texts') ? textsOf('.', rows) : listOf(rows)}\n`);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
