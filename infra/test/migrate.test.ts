import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrateScript } from '../lib/migrate-buildspec.ts';
import { INFRA } from './support/synth.ts';

/** Stands in for the AWS CLI: notes how it was called, and answers as the files beside it say. */
const FAKE_AWS = `#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE/calls"
case "$1 $2" in
  'ecs register-task-definition') cp /tmp/migrate.json "$FAKE/registered.json"; echo arn:aws:ecs:r:a:task-definition/posthorn-migrate:9;;
  'ecs run-task') cat "$FAKE/started.json";;
  'ecs describe-tasks') n=$(grep -c 'describe-tasks' "$FAKE/calls"); if [ "$n" -lt 3 ]; then cat "$FAKE/running.json"; else cat "$FAKE/stopped.json"; fi;;
  'logs get-log-events') echo 'migrated';;
esac
`;

let folder: string;
const write = (name: string, value: unknown) =>
  writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'posthorn-migrate-'));
  write('aws', FAKE_AWS);
  chmodSync(join(folder, 'aws'), 0o755);
  write('taskdef.json', readFileSync(join(INFRA, '..', 'taskdef.json'), 'utf8'));
  write('imageDetail.json', { ImageURI: 'registry/posthorn@sha256:abc' });
  write('started.json', { tasks: [{ taskArn: 'arn:aws:ecs:r:a:task/posthorn/f00' }], failures: [] });
  write('running.json', { tasks: [{ lastStatus: 'RUNNING' }] });
  write('stopped.json', stopped(0));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stopped(exitCode: number | undefined) {
  return { tasks: [{ lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', containers: [{ name: 'app', exitCode }] }] };
}

function migrate() {
  const environment = {
    PATH: `${folder}:${process.env.PATH}`,
    FAKE: folder,
    SPEC_DIR: folder,
    IMAGE_DIR: folder,
    MIGRATION_URL_SECRET_ARN: 'arn:direct',
    NETWORK: '{}',
    LOG_GROUP: '/posthorn/app',
    LOG_PREFIX: 'ecs',
    POLL_SECONDS: '0',
  };
  const { status, stdout, stderr } = spawnSync('bash', ['-c', migrateScript()], { env: environment, encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
const calls = () => readFileSync(join(folder, 'calls'), 'utf8');

describe('migration step', () => {
  it("runs the release's image once, under a family of its own, straight at the database, and shows the log", () => {
    const { status, said } = migrate();
    expect({ status, said: status === 0 ? '' : said }).toEqual({ status: 0, said: '' });
    const { family, containerDefinitions } = JSON.parse(readFileSync(join(folder, 'registered.json'), 'utf8'));
    expect(family).toBe('posthorn-migrate');
    expect(containerDefinitions[0].image).toBe('registry/posthorn@sha256:abc');
    expect(containerDefinitions[0].secrets).toContainEqual({ name: 'DATABASE_URL', valueFrom: 'arn:direct' });
    expect(containerDefinitions[0].healthCheck).toBeUndefined();
    expect(calls().match(/run-task/g)).toHaveLength(1);
    expect(calls()).toContain('"command":["dist/cli.js","migrate"]');
    expect(calls()).toContain('--log-stream-name ecs/app/f00');
    expect(said).toContain('migrated');
  });

  it.each([
    ['it ends with an error', () => write('stopped.json', stopped(1)), 'exit code 1: nothing is deployed'],
    ['it never came up', () => write('stopped.json', stopped(undefined)), 'exit code none: nothing is deployed'],
    ['there is no room for it', () => write('started.json', { tasks: [], failures: [{ reason: 'CAPACITY' }] }), 'CAPACITY'],
    ['there is no image', () => write('imageDetail.json', '{}'), ''],
  ])('fails when %s', (_what, prepare, message) => {
    prepare();
    const { status, said } = migrate();
    expect(status).toBeGreaterThan(0);
    expect(said).toContain(message);
  });
});
