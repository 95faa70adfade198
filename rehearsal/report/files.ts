import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { htmlOf } from './html.js';
import { pictureOf, THEMES } from './picture.js';
import type { Entries, Told } from './told.js';

/** Writes the report of a scenario into the folder, `<name>.html`, and its picture, `<name>.svg` and `<name>-dark.svg`. Throws if it can't. */
export function writeReport(folder: string, told: Told, entries: Entries): void {
  const { name } = told.scenario;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.html`), htmlOf(told, entries));
  for (const theme of THEMES) writeFileSync(join(folder, pictureName(name, theme)), pictureOf(told, entries, theme));
}

/** Takes away the report of an earlier rehearsal: what breaks off before there is something to tell has none. */
export function removeReport(folder: string, name: string): void {
  for (const file of [`${name}.html`, ...THEMES.map((theme) => pictureName(name, theme))])
    rmSync(join(folder, file), { force: true });
}

function pictureName(name: string, theme: (typeof THEMES)[number]): string {
  return theme === 'light' ? `${name}.svg` : `${name}-${theme}.svg`;
}
