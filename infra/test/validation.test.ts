import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledgements } from '../lib/acknowledgements.ts';
import { sizes } from '../lib/settings.ts';
import { EVERYTHING, INFRA, stackOf } from './support/synth.ts';

const VARIANTS: Record<string, Record<string, string>> = {
  ...Object.fromEntries(Object.keys(sizes).map((size) => [size, { size }])),
  'everything switched on': { size: 'medium', ...EVERYTHING },
};
/** Findings of cfn-lint about what the CDK's library itself writes twice. */
const LINT_IGNORED = ['W3005'];

interface Finding {
  id: string;
  path: string;
}

function findingsOf(context: Record<string, string>, acknowledged: boolean): Finding[] {
  const stack = stackOf(context, acknowledged);
  const { violations } = new AwsSolutionsChecks(stack).validateScope(stack);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => ({ id: ruleName, path: (constructPath ?? '').replace(/^Posthorn\//, '') })),
  );
}

describe.each(Object.entries(VARIANTS))('cdk-nag on %s', (_name, context) => {
  it('finds nothing that was not acknowledged', () => {
    expect(findingsOf(context, true)).toEqual([]);
  });
});

describe('acknowledgements', () => {
  it('say why, in a sentence', () => {
    for (const { reason } of acknowledgements) expect(reason).toMatch(/^\S.{30,}\.$/s);
  });

  it('are all needed, each in each of its places', () => {
    const found = Object.values(VARIANTS).flatMap((context) => findingsOf(context, false));
    const idle = acknowledgements.flatMap(({ id, paths }) =>
      paths
        .filter((path) => !found.some((finding) => finding.id === id && `${finding.path}/`.startsWith(`${path}/`)))
        .map((path) => `${id} at ${path}`),
    );
    expect(idle).toEqual([]);
  });
});

describe('the app, as the CDK runs it', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-infra-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const synth = (name: string, context: Record<string, string>) => {
    const given = Object.entries({ repository: 'acme/posthorn', ...context }).flatMap(([key, value]) => [
      '-c',
      `${key}=${value}`,
    ]);
    const output = join(folder, name.replaceAll(' ', '-'));
    const run = spawnSync(
      process.execPath,
      [join('node_modules', 'aws-cdk', 'bin', 'cdk'), 'synth', '--quiet', '-o', output, ...given],
      {
        cwd: INFRA,
        encoding: 'utf8',
        env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: 'true' },
      },
    );
    return { code: run.status, said: run.stdout + run.stderr, output };
  };

  it.each(Object.entries(VARIANTS))('synthesizes %s, and its own validation and cfn-lint find nothing', (name, context) => {
    const { code, said, output } = synth(name, context);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    expect(JSON.parse(readFileSync(join(output, 'validation-report.json'), 'utf8')).pluginReports).toEqual([]);
    const template = join(output, 'Posthorn.template.json');
    expect(statSync(template).size).toBeLessThan(1024 * 1024);
    expect(Object.keys(JSON.parse(readFileSync(template, 'utf8')).Resources).length).toBeLessThan(500);
    expect(lint(template)).toBe('');
  });

  it('says what is missing in a sentence', () => {
    const { code, said } = synth('nothing', { repository: '' });
    expect(code).not.toBe(0);
    expect(said).toContain('repository is missing: give -c repository=OWNER/NAME.');
  });

  it('carries no account, region or address', () => {
    const sources = ['bin', 'lib', 'hooks'].flatMap((dir) => readdirSync(join(INFRA, dir)).map((file) => join(INFRA, dir, file)));
    for (const file of [...sources, join(INFRA, 'cdk.json')]) {
      const text = readFileSync(file, 'utf8');
      expect(`${file}: ${/\b\d{12}\b/.exec(text)?.[0] ?? 'none'}`).toBe(`${file}: none`);
      expect(text).not.toMatch(/\b(us|eu|ap|sa)-(east|west|north|south|central)[a-z]*-\d\b(?! with)/);
    }
  });
});

/** What cfn-lint says; nothing where it isn't installed (`pip install cfn-lint`), unless REQUIRE_CFN_LINT says that it has to be. */
function lint(template: string): string {
  const run = spawnSync('cfn-lint', ['--ignore-checks', ...LINT_IGNORED, '--regions', 'eu-west-1', '--', template], {
    encoding: 'utf8',
  });
  if (run.error && !process.env.REQUIRE_CFN_LINT) return '';
  return run.error ? String(run.error) : run.stdout + run.stderr;
}
