import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskDefinition } from '../model.js';

const COMPILE_CACHE = join(tmpdir(), 'posthorn-rehearsal-compiled');
const OWN_ADDRESS = pathToFileURL(join(import.meta.dirname, 'own-address.mjs')).href;

/** What an image is here: the folder of a build, and what its Dockerfile says. */
export interface Image {
  folder: string;
  /** ENTRYPOINT. `node` is the Node that runs the rehearsal. */
  entryPoint: readonly string[];
  /** CMD. */
  command: readonly string[];
  /** ENV. */
  environment: Readonly<Record<string, string>>;
  /** What Docker calls it, if it was built there. */
  tag?: string;
}

/** Finds the image by the name that a task definition has for it; null if there is none. */
export type Images = (name: string) => Image | null;

/** Answers the value of a secret by its `valueFrom`, with the JSON key if it names one. Rejects if it can't be read. */
export type Secrets = (valueFrom: string) => Promise<string>;

/** A user's own profiles, and the addresses that only AWS has, must not matter here. */
export const WITHOUT_PROFILES: Readonly<Record<string, string>> = {
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/** ENTRYPOINT and CMD, or the command of the definition instead of CMD: https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact */
export function programOf(image: Image, { command }: TaskDefinition): string[] {
  return [...image.entryPoint, ...(command ?? image.command)];
}

/** Reads all secrets of the definition. Rejects with the first one that can't be read. */
export async function readSecrets({ secrets }: TaskDefinition, read: Secrets): Promise<Record<string, string>> {
  const values = await Promise.all(Object.entries(secrets).map(async ([name, from]) => [name, await read(from)] as const));
  return Object.fromEntries(values);
}

export interface EnvironmentParts {
  image: Image;
  definition: TaskDefinition;
  /** As readSecrets answers them. */
  secrets: Record<string, string>;
  address: string;
  metadataUrl: string;
  region: string;
  /** What leads to the parts of AWS that the rehearsal plays, such as AWS_ENDPOINT_URL and credentials. */
  extra: Readonly<Record<string, string>>;
}

/**
 * The environment of a container: what ECS sets, the image's, the definition's, and the secrets.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4.html
 * Assumption: Fargate sets the region and AWS_EXECUTION_ENV, as its tasks show; the guide does not say so.
 * HOST is the task's own address, since all tasks share the network of this machine; on AWS a task has its network for itself.
 * For the same reason a module is loaded that lets it call from that address.
 */
export function environmentOf(parts: EnvironmentParts): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    ...WITHOUT_PROFILES,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: parts.region,
    AWS_DEFAULT_REGION: parts.region,
    ECS_CONTAINER_METADATA_URI_V4: parts.metadataUrl,
    ...parts.extra,
    ...parts.image.environment,
    ...parts.definition.environment,
    ...parts.secrets,
    HOST: parts.address,
    TASK_ADDRESS: parts.address,
    // Tasks start beside the load here; on AWS they have a machine for themselves.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NODE_OPTIONS: `${parts.definition.environment['NODE_OPTIONS'] ?? ''} --import ${OWN_ADDRESS}`.trim(),
  };
}
