import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FILES, readProject, type FileName, type Project } from './check/project.js';
import { inFile } from './mistakes/mistake.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const project = readProject(PROJECT);
const folders: string[] = [];

/** A project in a folder of its own: files and folders that are only looked for are empty. */
function written({ texts, sources, files }: Project): string {
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-deploy-'));
  folders.push(folder);
  const named = Object.entries(FILES).map(([name, path]) => [path, texts[name as FileName]] as const);
  const isFolder = (path: string) => statSync(join(PROJECT, path)).isDirectory();
  for (const path of [...files].filter(isFolder)) mkdirSync(join(folder, path), { recursive: true });
  const inRoot = [...files].filter((path) => !isFolder(path)).map((path) => [path, ''] as const);
  for (const [path, text] of new Map([...inRoot, ...sources, ...named])) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function checkDeploy(folder: string) {
  const script = ['--import', './test/deploy/check/typescript.mjs', 'test/deploy/check/cli.ts', folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, script, { cwd: PROJECT, encoding: 'utf8', timeout: 20_000 });
  return { status, stdout, stderr };
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

describe('npm run check:deploy', () => {
  it('exits with 0 when there is nothing to change', () => {
    expect(checkDeploy(PROJECT)).toMatchObject({ status: 0, stderr: '' });
  });

  it('exits with 1 and says where to change what', () => {
    const folder = written(inFile('appspec', 'ContainerPort: 3000', 'ContainerPort: 8080')(project));
    const line = project.texts.appspec.split('\n').findIndex((text) => text.includes('ContainerPort')) + 1;

    const { status, stdout, stderr } = checkDeploy(folder);

    expect(status).toBe(1);
    expect(stderr).toContain(`appspec.yaml:${line} write 3000`);
    expect(stdout).toContain('1 to change');
  });

  it('says which file is missing', () => {
    const folder = written(project);
    rmSync(join(folder, FILES.taskdef));

    expect(checkDeploy(folder)).toMatchObject({ status: 1, stderr: expect.stringContaining('taskdef.json') });
  });
});
