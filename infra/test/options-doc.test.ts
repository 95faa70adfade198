import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Node } from 'constructs';
import { ENVIRONMENT_OPTIONS } from '../lib/environment-options.ts';
import { optionsFrom } from '../lib/options.ts';
import { monthlyUsd, sizes } from '../lib/sizes.ts';
import { INFRA, stacksOf } from './support/synth.ts';

const manual = readFileSync(join(INFRA, '..', 'docs', 'deploy.md'), 'utf8');
const [, afterHeading = ''] = manual.split('\n## Options\n');
const [section = ''] = afterHeading.split('\n## ');

/** The options that a table's first column names; `own`: only those that its second column gives to an environment. */
function documented(own = false): string[] {
  const rows = [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\| +(yes|) *\|/gm)];
  return rows
    .filter(([, , perEnvironment]) => !own || perEnvironment === 'yes')
    .flatMap(([, names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
}

/** Every option that the code asks for. */
function asked(): string[] {
  const names = new Set<string>();
  const given: Record<string, string> = { size: 'small', repository: 'acme/posthorn' };
  const tryGetContext = (name: string) => (names.add(name), given[name]);
  optionsFrom({ tryGetContext, getAllContext: () => given } as unknown as Node);
  return [...names];
}

describe('the options in docs/deploy.md', () => {
  it('are those that the code reads, each once', () => {
    expect(documented().sort()).toEqual(asked().sort());
  });

  it('say which of them an environment can have for itself', () => {
    expect(documented(true).sort()).toEqual([...ENVIRONMENT_OPTIONS].sort());
  });

  it('have examples that synthesize', () => {
    const examples = [...section.matchAll(/```json\n([^]*?)```/g)].map(
      ([, text]) => JSON.parse(text!) as Record<string, unknown>,
    );
    expect(examples.length).toBeGreaterThanOrEqual(4);
    for (const context of examples)
      expect(stacksOf(context).environments).toHaveLength((context.environments as unknown[] | undefined)?.length ?? 1);
  });
});

describe('the sizes in docs/deploy.md', () => {
  it.each(Object.entries(sizes))('%s: with its tasks and its price', (name, size) => {
    const [row = ''] = manual.match(new RegExp(`^\\| \`${name}\` .*$`, 'm')) ?? [];
    const usd = Number(/about ([\d,]+)/.exec(row)?.[1]?.replace(',', ''));
    expect(row).toContain(`${size.tasks.min}–${size.tasks.max} × `);
    expect(row).toContain(`db.${size.database.instanceClass}`);
    expect(row).toContain(`${size.cache.nodes} × ${size.cache.nodeType}`);
    expect(Math.abs(usd - monthlyUsd(size))).toBeLessThan(10);
  });
});
