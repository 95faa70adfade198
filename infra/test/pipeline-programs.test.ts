import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { planScript } from '../lib/infrastructure-buildspec.ts';
import { fillIn, placeholdersOf, withEnvironment } from '../pipeline/fill-in.ts';
import { judgeImage } from '../pipeline/scan-gate.ts';
import { INFRA } from './support/synth.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-programs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** Runs with the programs of the folder before all others. */
function run(command: string, args: string[], cwd = folder) {
  const PATH = `${folder}:${dirname(process.execPath)}:${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, PATH, FAKE: folder },
  });
  return { status, said: stdout + stderr };
}
const written = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('the program that fills in', () => {
  const fill = (from: string, to: string) => run(process.execPath, [join(INFRA, 'pipeline', 'fill-in.ts'), from, to]);

  it('fills in every ${NAME}, and leaves what CodePipeline fills in', () => {
    expect(fillIn('a', '${ONE} <IMAGE1_NAME> $TWO ${three} ${ONE}', { ONE: '1', TWO: '2' })).toBe(
      '1 <IMAGE1_NAME> $TWO ${three} 1',
    );
    expect(placeholdersOf('${A} ${B_2} ${A} ${c} ${2D}')).toEqual(['A', 'B_2']);
  });

  it('escapes what is special in JSON', () => {
    expect(JSON.parse(fillIn('a', '{"a":"${ONE}"}', { ONE: 'a "b"\n$& \\' }))).toEqual({ a: 'a "b"\n$& \\' });
  });

  it('names each variable that is missing or empty, with its line', () => {
    expect(() => fillIn('a.json', 'x\n${ONE} ${TWO}\n${THREE}', { TWO: '2', THREE: '' })).toThrow(
      /^a\.json:2 set the variable ONE of the migrate project[^\n]*\na\.json:3 set the variable THREE [^\n]*$/,
    );
  });

  it('adds variables to each container, and gives others to those that are there', () => {
    const given = JSON.stringify({
      containerDefinitions: [
        {
          environment: [
            { name: 'A', value: '1' },
            { name: 'B', value: '2' },
          ],
        },
        {},
      ],
    });
    const { containerDefinitions } = JSON.parse(withEnvironment('taskdef.json', given, '{"B":"3","C":"4"}'));
    const more = [
      { name: 'B', value: '3' },
      { name: 'C', value: '4' },
    ];
    expect(containerDefinitions).toEqual([{ environment: [{ name: 'A', value: '1' }, ...more] }, { environment: more }]);
    expect([withEnvironment('taskdef.json', given, '{}'), withEnvironment('taskdef.json', given, undefined)]).toEqual([
      given,
      given,
    ]);
  });

  it('writes nothing and ends with an error when something is missing', () => {
    writeFileSync(join(folder, 'a.yaml'), '${SURELY_NOT_SET}');
    const { status, said } = fill(join(folder, 'a.yaml'), join(folder, 'filled', 'a.yaml'));
    expect(status).toBe(1);
    expect(said).toContain('set the variable SURELY_NOT_SET');
    expect(() => written('filled/a.yaml')).toThrow('ENOENT');
    expect(fill(join(folder, 'a.yaml'), '').status).toBe(1);
  });
});

describe('the gate of the image scan', () => {
  const IMAGE = 'registry.example/team/posthorn@sha256:00';
  const scan = (status: string, findingSeverityCounts: Record<string, number> = {}, more = {}) => ({
    imageScanStatus: { status, description: 'why' },
    imageScanFindings: { findingSeverityCounts, ...more },
  });
  const judge = (severity: string, ...answers: (ReturnType<typeof scan> | null)[]) =>
    judgeImage(IMAGE, severity, () => (answers.length > 1 ? answers.shift()! : answers[0]!), 0);

  it.each([
    ['CRITICAL', 'CRITICAL', true],
    ['HIGH', 'CRITICAL', false],
    ['CRITICAL', 'HIGH', true],
    ['HIGH', 'HIGH', true],
    ['MEDIUM', 'HIGH', false],
    ['MEDIUM', 'MEDIUM', true],
    ['LOW', 'MEDIUM', false],
    ['LOW', 'LOW', true],
    ['INFORMATIONAL', 'LOW', false],
  ])('a finding of severity %s, with the limit at %s, ends the release: %s', async (found, limit, ends) => {
    const judged = judge(limit, scan('COMPLETE', { [found]: 1 }));
    if (ends) await expect(judged).rejects.toThrow(`1 ${found}. Nothing is released`);
    else expect(await judged).toContain(`nothing from ${limit} on`);
  });

  it('waits until the scan has begun and is done', async () => {
    expect(await judge('HIGH', null, scan('PENDING'), scan('IN_PROGRESS'), scan('COMPLETE', { LOW: 4 }))).toContain(
      'nothing from HIGH',
    );
  });

  it('names the findings that count, of ECR and of Inspector, and what to do', async () => {
    const findings = [
      { name: 'CVE-1', severity: 'HIGH', uri: 'https://example.com/1' },
      { name: 'CVE-2', severity: 'LOW' },
    ];
    const enhancedFindings = [{ title: 'CVE-3 in zlib', severity: 'CRITICAL' }];
    const refused = judge('HIGH', scan('ACTIVE', { CRITICAL: 1, HIGH: 1, LOW: 1 }, { findings, enhancedFindings }));
    await expect(refused).rejects.toThrow(
      /1 CRITICAL, 1 HIGH\. Nothing is released\.\n {2}HIGH CVE-1 https:\/\/example\.com\/1\n {2}CRITICAL CVE-3 in zlib\nUpdate/,
    );
  });

  it('takes neither a failed scan nor none for a clean one', async () => {
    await expect(judge('CRITICAL', scan('FAILED'))).rejects.toThrow('could not be scanned: FAILED why');
    await expect(judge('CRITICAL', scan('UNSUPPORTED_IMAGE'))).rejects.toThrow('could not be scanned');
    await expect(judge('CRITICAL', null)).rejects.toThrow('not done after 5 minutes');
  });

  it('is off with NONE, and refuses a severity that there is not', async () => {
    expect(await judge('NONE', scan('FAILED'))).toContain('no gate');
    for (const severity of ['GRAVE', '', 'critical'])
      await expect(judge(severity, scan('COMPLETE'))).rejects.toThrow('SCAN_SEVERITY');
  });

  it('asks the registry about the image by its digest, and ends as it judged', () => {
    const ask = (severity: string) => run(process.execPath, [join(INFRA, 'pipeline', 'scan-gate.ts'), IMAGE, severity]);
    program('aws', `printf '%s\\n' "$*" > "$FAKE/asked"; cat "$FAKE/answer"`);
    writeFileSync(join(folder, 'answer'), JSON.stringify(scan('COMPLETE', { HIGH: 1 })));
    expect(ask('CRITICAL').status).toBe(0);
    expect(written('asked').trim()).toBe(
      'ecr describe-image-scan-findings --repository-name team/posthorn --image-id imageDigest=sha256:00 --output json',
    );
    expect(ask('HIGH')).toMatchObject({ status: 1, said: expect.stringContaining('1 HIGH. Nothing is released') });
    program('aws', 'echo "An error occurred (AccessDeniedException)" >&2; exit 254');
    expect(ask('HIGH')).toMatchObject({
      status: 1,
      said: expect.stringContaining('could not be read: An error occurred (AccessDenied'),
    });
  });
});

describe('the plan of the infrastructure', () => {
  const plan = (npx: string) => {
    program('npx', `printf '%s\\n' "$*" >> "$FAKE/asked"\n${npx}`);
    const { status, said } = run('bash', ['-c', `mkdir -p infra\n${planScript()}`]);
    return { status, said, changed: status === 0 ? readFileSync('/tmp/stacks-changed', 'utf8').trim() : null };
  };

  it('synthesizes, shows the difference to what is deployed, and counts the stacks that differ', () => {
    const { status, said, changed } = plan('[ "$3" = synth ] || echo "Number of stacks with differences: 2"');
    expect({ status, changed }).toEqual({ status: 0, changed: '2' });
    expect(said).toContain('Number of stacks with differences: 2');
    expect(written('asked').trim().split('\n')).toEqual([
      '--no-install cdk synth --quiet',
      '--no-install cdk diff --app dist/cdk.out --all --method template --no-color',
    ]);
  });

  it.each([
    ['the synthesis fails', '[ "$3" != synth ]'],
    ['the diff fails', '[ "$3" = synth ] || { echo "Number of stacks with differences: 0"; exit 1; }'],
    ['the diff says no number', 'echo fine'],
  ])('fails when %s', (_what, npx) => {
    expect(plan(npx).status).not.toBe(0);
  });
});

describe('the images of the build machine', () => {
  it('are those of docker-compose.yml, from the registry that does not count pulls', () => {
    const imagesOf = (file: string) =>
      [...readFileSync(file, 'utf8').matchAll(/^ +image: (\S+)$/gm)]
        .map(([, image]) => image!)
        .filter((image) => !image.endsWith(':local'));
    const pulled = imagesOf(join(INFRA, 'pipeline', 'compose.yml'));
    expect(pulled.sort()).toEqual(
      imagesOf(join(INFRA, '..', 'docker-compose.yml'))
        .map((image) => `\${PUBLIC_IMAGES}/${image}`)
        .sort(),
    );
  });
});
