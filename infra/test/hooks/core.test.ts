import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INFRA } from '../support/synth.ts';

const HOOKS = join(INFRA, 'hooks');

/** Packages that a file of hooks/ imports, itself or by what it imports there. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, name = ''] of readFileSync(join(HOOKS, file), 'utf8').matchAll(/from '([^']+)'/g)) {
    if (name.startsWith('./')) packagesOf(name.slice(2), seen).forEach((one) => found.add(one));
    else if (!name.startsWith('node:')) found.add(name);
  }
  return found;
}

/** ADR 66: another deployment controller needs other callers, and the same core. */
describe('what judges a release', () => {
  it.each(['verdict.mjs', 'check.mjs', 'traffic.mjs'])('%s knows nothing of CodeDeploy or ECS', (file) => {
    const packages = [...packagesOf(file)];
    expect(packages.filter((name) => !name.endsWith('client-secrets-manager'))).toEqual([]);
  });

  it('is called by the hook, which tells CodeDeploy', () => {
    expect([...packagesOf('release-check.mjs')].sort()).toEqual([
      '@aws-sdk/client-codedeploy',
      '@aws-sdk/client-secrets-manager',
    ]);
  });

  it('is, in the service, a gate that knows the load balancer only', () => {
    const folder = join(INFRA, '..', 'src', 'release');
    const gate = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(gate.join('\n')).toMatch(/'@aws-sdk\/client-elastic-load-balancing-v2'/);
    expect(gate.join('\n')).not.toMatch(/'@aws-sdk\/client-(codedeploy|ecs)'/);
  });
});
