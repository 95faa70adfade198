import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { MIGRATIONS } from '../../src/database/migrations.js';

it('are all files of the folder, oldest first, and each class has the name of its file', () => {
  const files = readdirSync('src/database/migrations').toSorted();
  const nameOf = (file: string) => {
    const [, time, words] = /^(\d{13})-([a-z0-9-]+)\.ts$/.exec(file)!;
    const name = words!.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
    return `${name}${time}`;
  };

  expect(files.length).toBeGreaterThanOrEqual(7);
  expect(MIGRATIONS.map((migration) => new migration().name)).toEqual(files.map(nameOf));
});
