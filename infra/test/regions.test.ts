import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { regions, type RegionFacts } from '../lib/regions.ts';
import { sizes, type SizeName } from '../lib/sizes.ts';
import { EVERYTHING, INFRA, templateOf } from './support/synth.ts';

/** Regions of other partitions (China, GovCloud, sovereign and secret ones): accounts, endpoints and certificates are different there. */
const OTHER_PARTITION = /^(cn|us-gov|us-iso\w*|eu-iso\w*|eusc)-/;
const DATABASE = 'AWS::RDS::DBInstance';
const CONNECTION = 'AWS::CodeConnections::Connection';
const SIZES = Object.keys(sizes) as SizeName[];

/** Region → how many zones, as cfn-lint knows them. Null where it isn't installed, unless REQUIRE_CFN_LINT says that it has to be. */
function zonesOfCfnLint(): Record<string, number> | null {
  const folder = (process.env.PATH ?? '').split(delimiter).find((dir) => existsSync(join(dir, 'cfn-lint')));
  if (!folder && !process.env.REQUIRE_CFN_LINT) return null;
  const beside = join(folder ?? '', 'python3');
  const script = 'import json; from cfnlint.helpers import AVAILABILITY_ZONES as z; print(json.dumps({r: len(z[r]) for r in z}))';
  const run = spawnSync(existsSync(beside) ? beside : 'python3', ['-c', script], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`cfn-lint's data can't be read: ${run.error ?? run.stderr}`);
  return JSON.parse(run.stdout) as Record<string, number>;
}

interface Missing {
  /** Resource types that do not exist in the region. */
  types: Set<string>;
  /** Sizes whose instance class of the database does not. */
  sizes: Set<string>;
}

/** A template with each type of the stacks once, and the database of each size: all that differs between regions, quickly judged. */
function mayBeMissing(): string {
  const found: Record<string, { Type: string; Properties?: unknown }> = {};
  for (const size of SIZES) {
    const resources = templateOf({ size, ...EVERYTHING }).toJSON().Resources as Record<
      string,
      { Type: string; Properties: unknown }
    >;
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === DATABASE) found[size] = { Type, Properties };
      else found[Type.replaceAll(/\W/g, '')] = { Type };
    }
  }
  return JSON.stringify({ Resources: found });
}

/** What cfn-lint misses in each of the regions for the template of mayBeMissing. */
function missingIn(names: string[], template: string): Map<string, Missing> {
  const missing = new Map<string, Missing>(names.map((name) => [name, { types: new Set(), sizes: new Set() }]));
  const run = spawnSync('cfn-lint', ['--format', 'json', '--regions', ...names, '--', template], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.error) throw run.error;
  const findings = JSON.parse(run.stdout) as { Rule: { Id: string }; Message: string; Location: { Path: string[] } }[];
  for (const { Rule, Message, Location } of findings) {
    const region = missing.get(/ in '([a-z0-9-]+)'$/.exec(Message)?.[1] ?? '');
    if (region && Rule.Id === 'E3006') region.types.add(/Resource type '([\w:]+)'/.exec(Message)![1]!);
    if (region && Rule.Id === 'E3025') region.sizes.add(Location.Path[1]!);
  }
  return missing;
}

describe('the supported regions', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-regions-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are those in which every resource of the stack exists, with what differs', () => {
    const zones = zonesOfCfnLint();
    if (!zones) return;
    const names = Object.keys(zones).filter((name) => !OTHER_PARTITION.test(name));
    const file = join(folder, 'types.template.json');
    writeFileSync(file, mayBeMissing());
    const missing = missingIn(names, file);
    const found: Record<string, Omit<RegionFacts, 'armBuilds'>> = {};
    for (const name of names) {
      const { types, sizes: without } = missing.get(name)!;
      const connection = !types.delete(CONNECTION);
      const possible = SIZES.filter((size) => !without.has(size));
      if (types.size === 0 && possible.length > 0) found[name] = { sizes: possible, zones: zones[name]! < 3 ? 2 : 3, connection };
    }

    const listed = Object.entries(regions).map(([name, { armBuilds: _unknown, ...facts }]) => [name, facts]);
    expect(Object.fromEntries(listed)).toEqual(found);
  });

  it('are those of docs/deploy.md', () => {
    const text = readFileSync(join(INFRA, '..', 'docs', 'deploy.md'), 'utf8');
    const table = text.slice(text.indexOf('## Supported regions'), text.indexOf("The data don't say whether CodeBuild"));
    const named = [...table.matchAll(/`([a-z]{2}-[a-z]+-\d)`/g)].map(([, name]) => name!);

    expect(named.sort()).toEqual(Object.keys(regions).sort());
  });

  it('differ as the table of docs/deploy.md says', () => {
    const text = readFileSync(join(INFRA, '..', 'docs', 'deploy.md'), 'utf8');
    const facts = text.slice(text.indexOf('## Supported regions'));
    const arm = "The data don't say whether CodeBuild has ARM machines.";
    const named = (part: string) => [...part.matchAll(/`([a-z]{2}-[a-z]+-\d)`/g)].map(([, name]) => name!);
    const rows = facts
      .slice(0, facts.indexOf(arm))
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    for (const [, left = '', right = ''] of rows.map((row) => row.split('|')))
      for (const name of named(left)) {
        const without = /only size `(\w+)`/.exec(right)?.[1];
        const sizesThere = without ? [without] : SIZES.filter((size) => !right.includes(`no size \`${size}\``));
        const { sizes: listed, zones, connection } = regions[name]!;
        expect([name, listed, zones, connection]).toEqual([
          name,
          sizesThere,
          right.includes('zones=2') ? 2 : 3,
          !/connectionArn|the same/.test(right),
        ]);
      }
    const paragraph = facts.slice(facts.indexOf(arm), facts.indexOf('In another region'));
    expect(named(paragraph).sort()).toEqual(
      Object.keys(regions)
        .filter((name) => regions[name]!.armBuilds)
        .sort(),
    );
  });

  it('have the connection as the only thing that another region may have instead', () => {
    const types = (context: Record<string, string>) =>
      new Set(Object.values(templateOf(context).toJSON().Resources as Record<string, { Type: string }>).map(({ Type }) => Type));
    const connectionArn = 'arn:aws:codeconnections:eu-west-1:123456789012:connection/6f1c2b1e-6a0d-4b8e-9d6f-1f6f3a3c0c11';

    expect(types({ size: 'small' }).has(CONNECTION)).toBe(true);
    expect(types({ size: 'small', connectionArn }).has(CONNECTION)).toBe(false);
  });
});
