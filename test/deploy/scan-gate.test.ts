import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { judgeImage } from '../../infra/pipeline/scan-gate.js';

const IMAGE = 'registry.example/posthorn@sha256:00';
const scan = (status: string, findingSeverityCounts = {}, more = {}) => ({
  imageScanStatus: { status, description: 'why' },
  imageScanFindings: { findingSeverityCounts, ...more },
});
const judge = (severity: string, ...answers: (ReturnType<typeof scan> | null)[]) =>
  judgeImage(IMAGE, severity, () => (answers.length > 1 ? answers.shift()! : answers[0]!), 0);

describe('the gate of the image scan', () => {
  it('waits until the scan has begun and is done', async () => {
    expect(await judge('HIGH', null, scan('IN_PROGRESS'), scan('COMPLETE', { MEDIUM: 4 }))).toContain('nothing from HIGH on');
  });

  it('names what it found from the severity on, and what to do', async () => {
    const findings = [
      { name: 'CVE-1', severity: 'HIGH', uri: 'https://example.com/1' },
      { name: 'CVE-2', severity: 'LOW' },
    ];
    const refused = judge('HIGH', scan('COMPLETE', { CRITICAL: 1, HIGH: 2, LOW: 9 }, { findings }));
    await expect(refused).rejects.toThrow(
      /1 CRITICAL, 2 HIGH\. Nothing is released\.\n {2}HIGH CVE-1 https:\/\/example\.com\/1\nUpdate/,
    );
  });

  it('takes the findings of Inspector, which scans for ever', async () => {
    const enhancedFindings = [{ title: 'CVE-3 in zlib', severity: 'CRITICAL' }];
    await expect(judge('CRITICAL', scan('ACTIVE', { CRITICAL: 1 }, { enhancedFindings }))).rejects.toThrow('CVE-3 in zlib');
  });

  it.each([
    ['FAILED', /could not be scanned: FAILED why/],
    ['UNSUPPORTED_IMAGE', /set scanSeverity to NONE/],
  ])('does not take a scan that ended as %s for a clean one', async (status, message) => {
    await expect(judge('CRITICAL', scan(status))).rejects.toThrow(message);
  });

  it('gives up in the end when no scan begins', async () => {
    await expect(judge('CRITICAL', null)).rejects.toThrow('not done after 5 minutes');
  });

  it('asks nobody when it is turned off, and refuses a severity that there is not', async () => {
    expect(await judge('NONE', scan('FAILED'))).toContain('no gate');
    await expect(judge('GRAVE', null)).rejects.toThrow('SCAN_SEVERITY is "GRAVE"');
  });
});

describe('the program, with the AWS CLI', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-scan-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** `cli`: a script in the place of `aws`; none if it is not installed. */
  const judged = (cli: string | null) => {
    if (cli !== null) writeFileSync(join(folder, 'aws'), `#!${process.execPath}\n${cli}\n`, { mode: 0o755 });
    const program = resolve(import.meta.dirname, '../../infra/pipeline/scan-gate.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, IMAGE, 'CRITICAL'], {
      encoding: 'utf8',
      env: { PATH: folder },
    });
    return { status, said: stdout + stderr };
  };

  it('reads as many findings as there are', () => {
    const findings = Array.from({ length: 2_000 }, () => ({ severity: 'LOW', name: 'x'.repeat(1_000) }));
    const answer = JSON.stringify(scan('COMPLETE', { LOW: 2_000 }, { findings }));
    const { status, said } = judged(`process.stdout.write(${JSON.stringify(answer)})`);

    expect([status, said]).toEqual([0, 'The image scan found nothing from CRITICAL on.\n']);
  });

  it.each([
    ['is not installed', null, 'the AWS CLI (aws) is not installed here'],
    ['is refused', "process.stderr.write('AccessDenied: no'); process.exit(254)", 'could not be read: AccessDenied: no'],
    ['says something else', "process.stdout.write('hello')", 'could not be read: Unexpected token'],
  ])('ends the build with a sentence when it %s', (_what, cli, words) => {
    expect(judged(cli)).toEqual({ status: 1, said: expect.stringContaining(words) });
  });
});
