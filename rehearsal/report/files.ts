import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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
  for (const file of filesOf(name)) rmSync(join(folder, file), { force: true });
}

/** Gives the report of a first play the name of `firstName`: the scenario is played once more. */
export function keepReport(folder: string, name: string): void {
  const files = filesOf(firstName(name));
  filesOf(name).forEach((file, nth) => {
    if (existsSync(join(folder, file))) renameSync(join(folder, file), join(folder, files[nth]!));
  });
}

/** What the report of a first play is called, if there was a second one. */
export function firstName(name: string): string {
  return `${name}-first`;
}

function filesOf(name: string): string[] {
  return [`${name}.html`, ...THEMES.map((theme) => pictureName(name, theme))];
}

function pictureName(name: string, theme: (typeof THEMES)[number]): string {
  return theme === 'light' ? `${name}.svg` : `${name}-${theme}.svg`;
}
