import { describe, expect, it } from '@jest/globals';
import { faultsIn, wantedBy, type Contents } from '../../infra/supply/image.js';

const wanted = wantedBy(
  { engines: { node: '>=24.0.0' }, dependencies: { fastify: '1.0.0' } },
  {
    packages: {
      '': {},
      'node_modules/fastify': {},
      'node_modules/@swc/core': { dev: true },
      'node_modules/typescript': { devOptional: true },
      'node_modules/fastify/node_modules/pino': { dev: true },
    },
  },
);
const FIT: Contents = {
  tools: [],
  uid: 1000,
  writable: { app: false, tmp: true },
  nodeVersion: 'v24.1.0',
  packages: ['fastify', 'pino'],
  needless: [],
  missing: [],
};

describe('the check of an image', () => {
  it('has nothing against one that is fit', () => {
    expect(faultsIn(FIT, wanted)).toEqual([]);
  });

  it.each<[string, Partial<Contents>, string]>([
    ['package managers', { tools: ['npm', 'apt'] }, 'Remove npm, apt in the stage "system"'],
    ['root', { uid: 0 }, 'Add USER node'],
    ['a root that can be written to', { writable: { app: true, tmp: true } }, 'read-only root'],
    ['a /tmp that can not be written to', { writable: { app: false, tmp: false } }, 'write to /tmp'],
    ['another Node', { nodeVersion: 'v25.0.0' }, 'Take a base image with Node 24'],
    ['no packages', { packages: [] }, 'Install fastify (1 in all)'],
    ['tools of development', { packages: ['fastify', '@swc/core', 'typescript'] }, 'there are @swc/core, typescript (2 in all)'],
    ['sources', { needless: ['src', 'src/main.ts'] }, 'Leave out src, src/main.ts'],
    ['no list for the scan', { missing: ['/var/lib/dpkg/status'] }, 'Keep /var/lib/dpkg/status'],
  ])('refuses %s', (_what, change, says) => {
    expect(faultsIn({ ...FIT, ...change }, wanted)).toEqual([expect.stringContaining(says)]);
  });
});
