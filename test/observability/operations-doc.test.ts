import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Metrics } from '../../src/observability/metrics.js';
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
