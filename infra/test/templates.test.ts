import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DATA_MISTAKES } from './mistakes/data-mistakes.ts';
import type { Mistake } from './mistakes/mistake.ts';
import { NETWORK_MISTAKES, SECURED_MISTAKES, TRAFFIC_MISTAKES } from './mistakes/network-mistakes.ts';
import { PIPELINE_MISTAKES, RELEASE_MISTAKES, STAGED_MISTAKES } from './mistakes/release-mistakes.ts';
import { SERVICE_MISTAKES } from './mistakes/service-mistakes.ts';
import { faultLine } from './rules/fault.ts';
import { installationOf, judged, type Installation } from './support/judged.ts';
import { templatesOf } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

/** Findings of cfn-lint about what the CDK's library itself writes twice. */
const LINT_IGNORED = ['W3005'];

const known = new Map<string, Installation>();
/** Texts of templates that cfn-lint has seen: some stacks are the same in many variants. */
const linted = new Set<string>();

/** One of the variants, made once. */
function installation(variant: string): Installation {
  const made = known.get(variant) ?? installationOf(VARIANTS[variant]!);
  known.set(variant, made);
  return made;
}

describe('the templates', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-templates-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(Object.keys(VARIANTS))('of %s have everything that they have to have, as it has to be, and nothing else', (variant) => {
    expect(judged(installation(variant)).map(faultLine)).toEqual([]);
  });

  it.each(Object.entries(VARIANTS))('of %s are small enough, and cfn-lint finds nothing in them', (name, context) => {
    const output = join(folder, name.replaceAll(/\W/g, '-'));
    mkdirSync(output);
    const templates = Object.entries(templatesOf(context));
    const unseen = templates.flatMap(([stack, template]) => {
      const text = JSON.stringify(template.toJSON());
      expect(text.length).toBeLessThan(1024 * 1024);
      expect(Object.keys(JSON.parse(text).Resources).length).toBeLessThan(500);
      if (linted.has(text)) return [];
      linted.add(text);
      writeFileSync(join(output, `${stack}.template.json`), text);
      return [join(output, `${stack}.template.json`)];
    });
    expect(templates.length).toBeGreaterThanOrEqual(4);
    if (unseen.length > 0) expect(lint(unseen)).toBe('');
  });
});

const PLANTED: [string, Mistake[]][] = [
  [
    'small',
    [...NETWORK_MISTAKES, ...TRAFFIC_MISTAKES, ...DATA_MISTAKES, ...SERVICE_MISTAKES, ...RELEASE_MISTAKES, ...PIPELINE_MISTAKES],
  ],
  ['everything switched on', SECURED_MISTAKES],
  ['staging before production', STAGED_MISTAKES],
];

describe.each(PLANTED)('a mistake that is planted into %s', (variant, mistakes) => {
  it.each(mistakes.map(({ name, ...rest }) => [name, rest] as const))(
    '%s: is found, with what to change and why',
    (_name, { plant, says }) => {
      const planted = structuredClone(installation(variant));
      plant(planted);
      const faults = judged(planted);
      expect(faults.map(faultLine).join('\n')).toContain(says);
      for (const { where, what, why } of faults)
        expect([where.length > 5, what.length > 5, why.length > 15]).toEqual([true, true, true]);
    },
  );
});

/** What cfn-lint says; nothing where it isn't installed (`pip install cfn-lint`), unless REQUIRE_CFN_LINT says that it has to be. */
function lint(templates: string[]): string {
  const run = spawnSync('cfn-lint', ['--ignore-checks', ...LINT_IGNORED, '--regions', 'eu-west-1', '--', ...templates], {
    encoding: 'utf8',
  });
  if (run.error && !process.env.REQUIRE_CFN_LINT) return '';
  return run.error ? String(run.error) : run.stdout + run.stderr;
}
