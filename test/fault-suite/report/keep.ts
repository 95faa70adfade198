import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Records } from '../records.js';

/** Writes what a topology recorded, and what its processes logged, into a new folder; answers the folder. */
export function keep(name: string, records: Partial<Records>, logs: ReadonlyMap<string, readonly string[]>): string {
  const folder = mkdtempSync(join(tmpdir(), `posthorn-faults-${name}-`));
  for (const [part, content] of Object.entries(records))
    writeFileSync(join(folder, `${part}.json`), JSON.stringify(content, null, 1));
  for (const [process, lines] of logs) writeFileSync(join(folder, `${process}.log`), lines.join('\n'));
  return folder;
}
