import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/observability/log.js';

const written = (fields: Record<string, unknown>) => {
  const lines: string[] = [];
  createLog('info', { write: (line) => void lines.push(line) }).info('event', fields);
  return JSON.parse(lines[0]!);
};

describe('a log line', () => {
  it('shows no value of a name that could hold a secret, up to two levels deep', () => {
    const fields = { token: 'a', http: { authorization: 'b', status: 200, inner: { password: 'c', rest: 1 } }, keys: 'shown' };
    expect(written(fields)).toMatchObject({
      token: '[redacted]',
      http: { authorization: '[redacted]', status: 200, inner: { password: '[redacted]', rest: 1 } },
      keys: 'shown',
    });
    expect(fields.http.inner.password).toBe('c');
  });

  it('shows a thousand characters of a text, wherever it is', () => {
    const long = 'a'.repeat(12_000);
    const { path, inner, list, stack } = written({ path: long, inner: { path: long }, list: ['b', long], stack: long });
    const cut = `${'a'.repeat(1_024)}…`;

    expect([path, inner.path, list]).toEqual([cut, cut, ['b', cut]]);
    expect(stack).toHaveLength(8_193);
  });

  it('shows what an error says', () => {
    expect(written({ error: new Error('the reason') }).error.message).toBe('the reason');
  });
});

describe('the log of a process that ends', () => {
  it('is written to its end', () => {
    const module = join(import.meta.dirname, '../../dist/observability/log.js');
    const text = `const { createLog } = await import(${JSON.stringify(module)}); const log = createLog('info');
      for (let i = 0; i < 1000; i++) log.info('line', { i }); process.exit(3);`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', text], { encoding: 'utf8' });
    expect(status).toBe(3);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).i),
    ).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });
});
