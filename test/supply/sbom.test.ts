import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { sbomOf, type Bom, type ImageFacts } from '../../infra/supply/sbom.js';

const PROJECT = resolve(import.meta.dirname, '../..');
const DIGEST = 'ab'.repeat(32);
const image: ImageFacts = {
  name: `registry.example/posthorn@sha256:${'cd'.repeat(32)}`,
  labels: {
    'org.opencontainers.image.base.name': 'registry.example/library/node:24-bookworm-slim',
    'org.opencontainers.image.base.digest': `sha256:${DIGEST}`,
    'org.opencontainers.image.revision': '0a1b2c3d',
  },
  node: '24.1.0',
  osRelease: 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n',
  dpkgStatus: [
    'Package: libc6\nStatus: install ok installed\nArchitecture: arm64\nVersion: 2.36-9+deb12u14\nDescription: C\n Version: no',
    'Package: apt\nStatus: deinstall ok config-files\nArchitecture: arm64\nVersion: 2.6.1',
    '',
  ].join('\n\n'),
};

/** The schemas as CycloneDX publishes them (github.com/CycloneDX/specification, Apache-2.0), in the form that cyclonedx-library ships. */
const schema = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'schema', `${name}.SNAPSHOT.schema.json`), 'utf8')) as object;
const ajv = new Ajv({ strict: false, allErrors: true });
for (const name of ['spdx', 'jsf-0.82'])
  ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
formats.default(ajv);
for (const name of ['idn-email', 'iri-reference']) ajv.addFormat(name, true);
const validate = ajv.compile(schema('bom-1.5'));
const errorsOf = (bom: unknown) => (validate(bom) ? [] : validate.errors);

describe('npm run sbom', () => {
  let npm: Bom;
  beforeAll(() => {
    npm = JSON.parse(execFileSync(process.execPath, ['infra/supply/sbom.ts'], { cwd: PROJECT, encoding: 'utf8' })) as Bom;
  });
  const withImage = (changes: Partial<ImageFacts> = {}) =>
    sbomOf(npm, { name: 'posthorn', version: '0.1.0' }, { ...image, ...changes });
  const namesIn = ({ components }: Bom) => components.map(({ name }) => name);

  it('writes a document that the schema of CycloneDX 1.5 accepts, with an image and without', () => {
    expect(errorsOf(npm)).toEqual([]);
    expect(errorsOf(withImage())).toEqual([]);
    expect(errorsOf({ ...npm, components: [{ name: 'without a type' }] })).not.toEqual([]);
  });

  it('names the application, and the packages of production and no others', () => {
    expect(npm.metadata.component).toMatchObject({ type: 'application', name: 'posthorn', version: '0.1.0' });
    expect(namesIn(npm)).toEqual(expect.arrayContaining(['fastify', 'mysql2']));
    expect(namesIn(npm)).not.toContain('jest');
    expect(namesIn(npm).filter((name) => name.startsWith('node-linux'))).toEqual([]);
  });

  it('has the base image by its digest', () => {
    expect(withImage().components).toContainEqual(
      expect.objectContaining({
        type: 'container',
        name: 'registry.example/library/node',
        version: '24-bookworm-slim',
        hashes: [{ alg: 'SHA-256', content: DIGEST }],
      }),
    );
  });

  it('invents no digest for an image that names none', () => {
    const types = withImage({ labels: {} }).components.map(({ type }) => type);

    expect(types).not.toContain('container');
  });

  it('has Node, the system, and the Debian packages that are installed', () => {
    const { components } = withImage();

    expect(components).toContainEqual(expect.objectContaining({ name: 'node', version: '24.1.0' }));
    expect(components).toContainEqual(expect.objectContaining({ type: 'operating-system', name: 'debian', version: '12' }));
    expect(components).toContainEqual(
      expect.objectContaining({ purl: 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=arm64&distro=debian-12' }),
    );
    expect(namesIn({ metadata: {}, components })).not.toContain('apt');
  });

  it('says of which image and commit it is', () => {
    expect(withImage().metadata.component!.properties).toEqual(
      expect.arrayContaining([
        { name: 'posthorn:image', value: image.name },
        { name: 'posthorn:revision', value: '0a1b2c3d' },
      ]),
    );
  });

  it('refuses an image without a list of Debian packages', () => {
    expect(() => withImage({ dpkgStatus: '' })).toThrow('no list of its Debian packages');
  });
});

describe('npm run sbom with Docker', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'posthorn-sbom-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('ends with a sentence when the image can not be asked', () => {
    const standIn = `#!${process.execPath}\nprocess.stderr.write('no such image\\n'); process.exitCode = 1;\n`;
    writeFileSync(join(folder, 'docker'), standIn, { mode: 0o755 });
    const path = `${folder}:${process.env['PATH']}`;
    const { status, stderr } = spawnSync(process.execPath, ['infra/supply/sbom.ts', 'posthorn:none', join(folder, 'sbom.json')], {
      cwd: PROJECT,
      encoding: 'utf8',
      env: { ...process.env, PATH: path },
    });

    expect([status, stderr]).toEqual([1, 'No list of parts (SBOM): docker image inspect failed: no such image\n']);
  });
});
