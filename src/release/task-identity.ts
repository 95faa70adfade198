import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** What names this process among the others of the installation. */
export interface TaskIdentity {
  /** The id of the ECS task; elsewhere host, process id and a random part. */
  id: string;
  /** The tag or digest of the image on ECS; elsewhere the version of the package. */
  version: string;
}

/** Longer texts are cut: the columns have limits. */
const MAX_CHARS = 200;

/**
 * Asks the task metadata endpoint of ECS (version 4), once in the life of a process. Without one, the process names itself.
 * The labels are described at https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html.
 */
export async function taskIdentity(metadataUrl: string | null, signal: AbortSignal): Promise<TaskIdentity> {
  const own = { id: `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`, version: packageVersion() };
  if (metadataUrl === null) return clipped(own);
  const answer = await fetch(metadataUrl, { signal });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the task metadata endpoint answered ${answer.status}`);
  const { Image: image, Labels: labels } = JSON.parse(text) as { Image?: string; Labels?: Record<string, string> };
  const arn = labels?.['com.amazonaws.ecs.task-arn'];
  return clipped({ id: arn?.split('/').at(-1) || own.id, version: (image && imageVersion(image)) || own.version });
}

/** `registry:443/name:tag@sha256:…` → the tag, or the digest if there is no tag. */
function imageVersion(image: string): string {
  const [name = '', digest = ''] = image.split('@', 2);
  return name.split('/').at(-1)!.split(':')[1] ?? digest;
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Printable ASCII only, as the columns are. */
function clipped({ id, version }: TaskIdentity): TaskIdentity {
  const plain = (text: string) => text.replace(/[^\x21-\x7e]/g, '?').slice(0, MAX_CHARS);
  return { id: plain(id), version: plain(version) };
}
