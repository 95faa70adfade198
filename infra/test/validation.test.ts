import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledgementsFor } from '../lib/acknowledgements.ts';
import { optionsFrom } from '../lib/options.ts';
import { allStacks } from '../lib/stacks.ts';
import { INFRA, stacksOf, type Context } from './support/synth.ts';
import { VARIANTS } from './support/variants.ts';

interface Finding {
  id: string;
  path: string;
}

function findingsOf(context: Context, acknowledged: boolean): Finding[] {
  return allStacks(stacksOf(context, acknowledged)).flatMap((stack) =>
    new AwsSolutionsChecks(stack)
      .validateScope(stack)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath }) => ({ id: ruleName, path: constructPath ?? '' })),
      ),
  );
}

describe.each(Object.entries(VARIANTS))('cdk-nag on %s', (_name, context) => {
  it('finds nothing that was not acknowledged', () => {
    expect(findingsOf(context, true)).toEqual([]);
  });
});

describe('acknowledgements', () => {
  const optionsOf = (context: Context) =>
    optionsFrom(new App({ context: { size: 'small', repository: 'a/b', ...context } }).node);

  it('say why, in a sentence', () => {
    for (const { reason } of acknowledgementsFor('posthorn', optionsOf({}))) expect(reason).toMatch(/^\S.{30,}\.$/s);
  });

  it('are all needed somewhere, each in each of its places', () => {
    const used = new Set<string>();
    const known = new Map<string, string>();
    for (const context of Object.values(VARIANTS)) {
      const found = findingsOf(context, false);
      const options = optionsOf(context);
      for (const { name } of options.environments) {
        // What differs between installations (names, accounts, regions) is cut away, so that one of them is enough.
        const plain = (text: string) =>
          text.replaceAll(/<AWS::[^>]+>|\b\d{12}\b|\w+-\w+-\d\b/g, '*').replaceAll(name, 'posthorn');
        for (const { id, paths } of acknowledgementsFor(name, options))
          for (const path of paths) {
            const [kind, ...rest] = path.split('/');
            const place = [`${kind === 'pipeline' ? options.name : name}-${kind}`, ...rest].join('/');
            const key = plain(`${id} at ${path}`);
            known.set(key, `${id} at ${path}`);
            if (found.some((finding) => finding.id === id && `${finding.path}/`.startsWith(`${place}/`))) used.add(key);
          }
      }
    }
    expect([...known].filter(([key]) => !used.has(key)).map(([, text]) => text)).toEqual([]);
  });
});

describe('the app, as the CDK runs it', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-infra-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const synth = (name: string, context: Context) => {
    const given = Object.entries({ repository: 'acme/posthorn', ...context }).flatMap(([key, value]) => [
      '-c',
      `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
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

  it.each(['small', 'another account and region'])('synthesizes %s, with nothing to say but warnings', (name) => {
    const { code, said, output } = synth(name, VARIANTS[name]!);
    expect({ code, said: code === 0 ? '' : said }).toEqual({ code: 0, said: '' });
    expect(JSON.parse(readFileSync(join(output, 'validation-report.json'), 'utf8')).pluginReports).toEqual([]);
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
