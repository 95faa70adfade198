import { dirname } from 'node:path';
import type { Context } from '../context.js';
import type { Path } from '../source.js';
import type { Command } from './commands.js';

/** What a step gives to those after it, and how to get it. */
export const THINGS = {
  packages: 'install the packages before: npm ci',
  tests: 'run all tests before: npm cit',
  login:
    'log in to ECR before: aws ecr get-login-password | docker login --username AWS --password-stdin "${IMAGE_REPOSITORY_URI%%/*}"',
  publicLogin:
    'log in to public.ecr.aws before: aws ecr-public get-login-password --region us-east-1 | docker login … public.ecr.aws. Who has not logged in may pull less',
  image: 'build the image before: docker buildx build --load --tag …',
  looked: 'look into the image before it is pushed: npm run check:image',
  audited: 'check the packages for known weaknesses before the push: npm run audit',
  running: 'start the image beside real parts (docker compose up --wait app) before it is pushed',
  asked: 'ask the health of the started image before it is pushed',
  replaced:
    'fetch the image that is replaced before: BEFORE=$(node infra/pipeline/image-before.ts "$IMAGE_REPOSITORY_URI" release/before)',
  stage: 'build the stage that rehearses before: docker buildx build --load --target rehearsal --tag …',
  rehearsed: 'rehearse the release before the push: docker run --rm … with the image of the stage "rehearsal"',
  guard: 'begin with test "$CODEBUILD_BUILD_SUCCEEDING" = 1: this phase runs after a failure too',
  pushed: 'push the image before: the registry gives the digest',
  scanned:
    'judge the image scan before: node infra/pipeline/scan-gate.ts "$DIGEST" "$SCAN_SEVERITY". What is written here is what is deployed',
} as const;

export type Thing = keyof typeof THINGS;

/** What a file that the build writes holds. */
export interface Made {
  kind: 'filled in' | 'a copy' | 'the image' | 'a list of parts' | 'a report';
  /** The file that it was made from. */
  from: string;
  /** The command that wrote it. */
  by: Path;
}

/** A build at one of its commands: what there is by now. */
export interface Build {
  context: Context;
  command: Command;
  has: Set<Thing>;
  /** Local names of the image. */
  images: Set<string>;
  /** Variables that hold the digest. */
  digests: Set<string>;
  /** Variables that hold the digest of a base image → its name. */
  baseDigests: Map<string, string>;
  /** Names of images of single stages. */
  stages: Set<string>;
  /** Variables that hold the folder of the build that is replaced, or nothing → that folder. */
  replaced: Map<string, string>;
  folders: Set<string>;
  files: Map<string, Made>;
  tell(message: string): void;
}

/** Tells what is missing, once: what needs the same thing later would only repeat it. */
export function need(build: Build, ...things: Thing[]): void {
  for (const thing of things) {
    if (build.has.has(thing)) continue;
    build.tell(THINGS[thing]);
    build.has.add(thing);
  }
}

/** Writes down that a file was made; its folder must be there. */
export function make(build: Build, path: string, made: Omit<Made, 'by'>): void {
  const folder = dirname(path);
  if (folder !== '.' && !build.folders.has(folder)) build.tell(`make the folder before: mkdir -p ${folder}`);
  build.files.set(path, { ...made, by: build.command.path });
}

/** Writes down a folder with those that it is in. */
export function makeFolder(build: Build, path: string): void {
  for (let folder = path.replace(/\/$/, ''); folder !== '.' && folder !== ''; folder = dirname(folder)) build.folders.add(folder);
}
