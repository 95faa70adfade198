import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/observability/metrics.js';
import { PLACES } from '../../src/where/place.js';
import { startApp } from '../support/app.js';

const DOCUMENT = resolve(import.meta.dirname, '../../docs/operations.md');

describe('the table of metrics in docs/operations.md', () => {
  it('has every metric there is, and none besides', async () => {
    const app = await startApp();
    const names = app.nest.get(Metrics).all.map(({ name }) => name);
    await app.stop();
    const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Metrics\n');
    const [table = ''] = section.split('\n## ');
    const documented = [...table.matchAll(/^\| `([a-z0-9_]+)` *\|/gm)].map(([, name]) => name!);

    expect(documented.toSorted()).toEqual(names.toSorted());
  });
});

describe('"Where is my message?" in docs/operations.md', () => {
  it('says of every place of a delivery what it means, and how log, API and database show it', () => {
    const [, section = ''] = readFileSync(DOCUMENT, 'utf8').split('\n## Where is my message?\n');
    const [text = ''] = section.split('\n## ');
    const tables = text.split(/^\| place /m).slice(1);
    const placesOf = (table: string) =>
      [...table.matchAll(/^\| ([a-z*][a-z*, ]+?)(?: \([^)]*\))? *\|/gm)].flatMap(([, names]) =>
        names!.replaceAll('*', '').split(', '),
      );

    expect(tables.map((table) => PLACES.filter((place) => !placesOf(table.split('\n\n')[0]!).includes(place)))).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});
