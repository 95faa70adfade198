import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** A document in CycloneDX's format, as far as it is written here: https://cyclonedx.org/docs/1.5/json/ */
export interface Bom {
  metadata: { lifecycles?: { phase: string }[]; component?: Component };
  components: Component[];
  dependencies?: { ref: string; dependsOn?: string[] }[];
}

interface Component {
  'bom-ref'?: string;
  type: string;
  name: string;
  version?: string;
  purl?: string;
  cpe?: string;
  hashes?: { alg: string; content: string }[];
  properties?: { name: string; value: string }[];
}

/** What an image says of itself. */
export interface ImageFacts {
  /** As it was named: a tag, or repository@sha256:… */
  name: string;
  labels: Record<string, string>;
  /** Version of Node, without "v". */
  node: string;
  /** Content of /etc/os-release and of /var/lib/dpkg/status. */
  osRelease: string;
  dpkgStatus: string;
}

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';
const REVISION = 'org.opencontainers.image.revision';

/** Makes npm's document one of the application, and, if there is an image, of all that is in it: Node, Debian's packages, the base image. */
export function sbomOf(npm: Bom, { name, version }: { name: string; version: string }, image?: ImageFacts): Bom {
  // npm calls it after the folder that it runs in.
  const component = { ...npm.metadata.component, type: 'application', name, version } as Component;
  if (!image) return { ...npm, metadata: { ...npm.metadata, component } };
  const properties = [
    ...(component.properties ?? []),
    { name: 'posthorn:image', value: image.name },
    ...(image.labels[REVISION] ? [{ name: 'posthorn:revision', value: image.labels[REVISION] }] : []),
  ];
  const parts = [...baseOf(image), nodeOf(image), ...debianOf(image)];
  const root = component['bom-ref'] ?? '';
  return {
    ...npm,
    metadata: { ...npm.metadata, lifecycles: [{ phase: 'build' }], component: { ...component, properties } },
    components: [...npm.components, ...parts],
    dependencies: [
      ...(npm.dependencies ?? []).map((one) =>
        one.ref === root ? { ...one, dependsOn: [...(one.dependsOn ?? []), ...parts.map((part) => part['bom-ref']!)] } : one,
      ),
      ...parts.map((part) => ({ ref: part['bom-ref']!, dependsOn: [] })),
    ],
  };
}

/** Nothing if the image does not say it: only the build of a release knows the digest. */
function baseOf({ labels }: ImageFacts): Component[] {
  const { [BASE_NAME]: reference = '', [BASE_DIGEST]: digest = '' } = labels;
  const [, repository = '', tag = ''] = /^(.+?)(?::([\w.-]+))?$/.exec(reference) ?? [];
  const [, content = ''] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (repository === '' || content === '') return [];
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const purl = `pkg:oci/${name}@sha256%3A${content}?repository_url=${encodeURIComponent(repository)}&tag=${tag}`;
  return [{ 'bom-ref': purl, type: 'container', name: repository, version: tag, purl, hashes: [{ alg: 'SHA-256', content }] }];
}

function nodeOf({ node }: ImageFacts): Component {
  const purl = `pkg:generic/node@${node}`;
  return {
    'bom-ref': purl,
    type: 'platform',
    name: 'node',
    version: node,
    purl,
    cpe: `cpe:2.3:a:nodejs:node.js:${node}:*:*:*:*:*:*:*`,
  };
}

/** The system, and each package that dpkg has as installed. */
function debianOf({ osRelease, dpkgStatus }: ImageFacts): Component[] {
  const [, id = 'debian'] = /^ID="?([\w.-]+)"?$/m.exec(osRelease) ?? [];
  const [, release = ''] = /^VERSION_ID="?([\w.-]+)"?$/m.exec(osRelease) ?? [];
  const packages = dpkgStatus
    .split('\n\n')
    .map((paragraph) => Object.fromEntries([...paragraph.matchAll(/^([\w-]+): (.*)$/gm)].map(([, key, value]) => [key, value])))
    .filter(({ Status }) => Status?.endsWith(' installed'));
  if (packages.length === 0)
    throw new Error('The image has no list of its Debian packages (/var/lib/dpkg/status): keep it in the Dockerfile.');
  const system = { 'bom-ref': `${id}-${release}`, type: 'operating-system', name: id, version: release };
  return [
    system,
    ...packages.map(({ Package: name = '', Version: version = '', Architecture: arch = '' }) => {
      const purl = `pkg:deb/${id}/${encodeURIComponent(name)}@${encodeURIComponent(version)}?arch=${arch}&distro=${id}-${release}`;
      return { 'bom-ref': purl, type: 'library', name, version, purl };
    }),
  ];
}

/** The packages of production, without the optional ones: the image has none of them. */
function askNpm(): Bom {
  const options = ['--sbom-format=cyclonedx', '--omit=dev', '--omit=optional', '--workspaces=false', '--package-lock-only'];
  return JSON.parse(call('npm', ['sbom', ...options])) as Bom;
}

const PROGRAM = `const read = (path) => require('node:fs').readFileSync(path, 'utf8');
process.stdout.write(JSON.stringify({
  node: process.versions.node, osRelease: read('/etc/os-release'), dpkgStatus: read('/var/lib/dpkg/status') }));`;

function askImage(name: string): ImageFacts {
  const labels = JSON.parse(call('docker', ['image', 'inspect', '--format', '{{json .Config.Labels}}', name])) as
    ImageFacts['labels'] | null;
  const inside = call('docker', ['run', '--rm', '--read-only', '--network=none', '--entrypoint=node', name, '-e', PROGRAM]);
  return { name, labels: labels ?? {}, ...(JSON.parse(inside) as Omit<ImageFacts, 'name' | 'labels'>) };
}

function call(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, {
      encoding: 'utf8',
      timeout: 120_000,
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || (error as Error).message;
    throw new Error(`${program} ${args.slice(0, 2).join(' ')} failed: ${said}`, { cause: error });
  }
}

if (import.meta.main) {
  try {
    const [image, file] = process.argv.slice(2);
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
    const text = `${JSON.stringify(sbomOf(askNpm(), manifest, image ? askImage(image) : undefined), null, 2)}\n`;
    if (file) writeFileSync(file, text);
    else process.stdout.write(text);
  } catch (error) {
    process.stderr.write(`No list of parts (SBOM): ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
