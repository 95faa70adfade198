import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Runs a program and answers what it printed. Throws a sentence with what it said. */
export type Call = (program: string, args: string[]) => string;

/** A pull of a few hundred megabytes. */
const LIMIT_MS = 600_000;
const NEWEST = 'sort_by(imageDetails,&imagePushedAt)[-1].imageDigest';

/**
 * The image that was pushed last, as `repository@digest`; null if the repository has none yet. Asks for JSON: as text, the AWS CLI would
 * answer with the newest one of each page (https://github.com/aws/aws-cli/issues/7411).
 */
export function lastImage(repository: string, call: Call): string | null {
  const name = repository.slice(repository.indexOf('/') + 1);
  const query = ['--filter', 'tagStatus=TAGGED', '--query', NEWEST, '--output', 'json'];
  const answer = call('aws', ['ecr', 'describe-images', '--repository-name', name, ...query]).trim();
  if (answer === 'null') return null;
  const [, digest] = /^"(sha256:[0-9a-f]{64})"$/.exec(answer) ?? [];
  if (!digest) throw new Error(`ECR was asked for the digest of the newest image of ${name}, and answered "${answer}".`);
  return `${repository}@${digest}`;
}

/** Copies what an image has in /app into a folder, which is made anew. The folder around it must be there. */
export function copyApp(image: string, folder: string, call: Call): void {
  rmSync(folder, { recursive: true, force: true });
  call('docker', ['pull', '--quiet', image]);
  const container = call('docker', ['create', image]).trim();
  try {
    call('docker', ['cp', `${container}:/app`, folder]);
  } finally {
    call('docker', ['rm', container]);
  }
}

function run(program: string, args: string[]): string {
  try {
    return execFileSync(program, args, { encoding: 'utf8', timeout: LIMIT_MS, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr, code } = error as { stderr?: string | null; code?: string };
    const said = code === 'ENOENT' ? `${program} is not installed here.` : stderr?.trim() || (error as Error).message;
    throw new Error(`${program} ${args.join(' ')}: ${said}`, { cause: error });
  }
}

// Prints the folder, or nothing where there is no image. A failure must not look like that: the release would be rehearsed against itself.
if (import.meta.main) {
  try {
    const [repository = '', folder = ''] = process.argv.slice(2);
    if (!repository || !folder) throw new Error('Usage: node infra/pipeline/image-before.ts REPOSITORY FOLDER');
    const image = lastImage(repository, run);
    if (image) copyApp(image, folder, run);
    process.stderr.write(
      image ? `This build replaces ${image}.\n` : `${repository} has no image yet: this build replaces itself.\n`,
    );
    process.stdout.write(image ? folder : '');
  } catch (error) {
    process.stderr.write(`The image that this build replaces can't be had. Nothing is rehearsed, and nothing is pushed.\n`);
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
