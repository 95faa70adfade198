import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { limitOfOpenFiles } from '../../../src/config/open-files.js';

const file = new URL('../../../src/config/open-files.ts', import.meta.url).href;
const program = `import('${file}').then((files) => console.log(files.limitOfOpenFiles()))`;

describe('the limit of open files', () => {
  it('is the one of this process', () => {
    const told = process.platform === 'linux' ? 500 : Infinity;
    expect(limitOfOpenFiles()).toBeGreaterThanOrEqual(told);

    const { stdout } = spawnSync('sh', ['-c', 'ulimit -n 500; exec "$0" -e "$1"', process.execPath, program], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect(Number(stdout)).toBe(told);
  });
});
