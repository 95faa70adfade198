import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { imageOf } from '../../rehearsal/images.js';

const PROJECT = resolve(import.meta.dirname, '../..');

describe('a build as an image', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-images-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('starts as the last stage of its own Dockerfile says', () => {
    const stages = ['FROM node AS build', 'CMD ["other"]', 'FROM scratch', 'ENV A=1', 'ENTRYPOINT ["node"]', 'CMD ["dist/a.js"]'];
    writeFileSync(join(folder, 'Dockerfile'), stages.join('\n'));
    expect(imageOf(folder)).toEqual({ folder, entryPoint: ['node'], command: ['dist/a.js'], environment: { A: '1' } });
  });

  it("starts as this project's own build if it has no Dockerfile, as what was copied out of an image", () => {
    expect(imageOf(folder)).toEqual({ ...imageOf(PROJECT), folder });
  });

  it('is refused if its Dockerfile does not say how it starts', () => {
    writeFileSync(join(folder, 'Dockerfile'), 'FROM node\nCMD node dist/main.js\n');
    expect(() => imageOf(folder)).toThrow(`${join(folder, 'Dockerfile')} needs ENTRYPOINT and CMD as lists`);
  });
});
