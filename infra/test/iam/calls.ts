import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { INFRA } from '../support/synth.ts';

export const ROOT = join(INFRA, '..');
const textOfFile = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Prefix of a service's actions, by the name of its client in the SDK or of its command in the AWS CLI. */
const PREFIXES: Record<string, string> = {
  'elastic-load-balancing-v2': 'elasticloadbalancing',
  elbv2: 'elasticloadbalancing',
  s3api: 's3',
  'secrets-manager': 'secretsmanager',
};

/** Calls that IAM knows by another name. What is not here is called like its action. */
const ACTIONS: Record<string, string[]> = {
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
  'sqs:DeleteMessageBatch': ['sqs:DeleteMessage'],
  'sqs:ChangeMessageVisibilityBatch': ['sqs:ChangeMessageVisibility'],
  'ecr:GetLoginPassword': ['ecr:GetAuthorizationToken'],
  'ecr-public:GetLoginPassword': ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'],
  'docker:Push': [
    ...['BatchCheckLayerAvailability', 'BatchGetImage', 'CompleteLayerUpload'].map((action) => `ecr:${action}`),
    ...['InitiateLayerUpload', 'PutImage', 'UploadLayerPart'].map((action) => `ecr:${action}`),
  ],
  'docker:Pull': ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  'cdk:Diff': ['sts:AssumeRole'],
  'cdk:Deploy': ['sts:AssumeRole'],
};

function actionsOf(service: string, call: string): string[] {
  const name = `${PREFIXES[service] ?? service}:${call}`;
  return ACTIONS[name] ?? [name];
}

const pascal = (command: string) => command.replaceAll(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase());

/** Actions of the SDK's commands that a source imports. Throws if it uses the SDK in a way that this does not read. */
export function actionsInSource(text: string): string[] {
  const source = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const imports = [...source.matchAll(/import (type )?\{([^}]*)\} from '(@aws-sdk\/[\w-]+|aws-sdk)'/g)];
  const mentioned = source.match(/'(?:@aws-sdk\/[\w-]+|aws-sdk|@smithy\/[\w-]+)'/g) ?? [];
  if (mentioned.length !== imports.length)
    throw new Error(`the SDK is used in a way that this test does not read: ${mentioned.join()}`);
  return imports.flatMap(([, isType, names, library]) => {
    if (isType) return [];
    const service = /^@aws-sdk\/client-(.+)$/.exec(library!)?.[1];
    if (!service) throw new Error(`${library} may make calls that this test does not know`);
    const values = names!
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && !name.startsWith('type '));
    return values.flatMap((name) => {
      const call = /^(\w+)Command$/.exec(name)?.[1] ?? /^paginate(\w+)$/.exec(name)?.[1];
      if (call) return actionsOf(service, call);
      if (/^[A-Z]\w*Client$/.test(name)) return [];
      throw new Error(`${name} of ${library} may make calls that this test does not know`);
    });
  });
}

/** Files that make calls, each with its actions: `FILE ACTION`. */
export function callsIn(files: string[]): string[] {
  return [...new Set(files.flatMap((file) => actionsInSource(textOfFile(file)).map((action) => `${file} ${action}`)))].sort();
}

export function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => join(folder, name));
}

/** A file with everything that it imports from beside it. */
export function withImports(file: string, found = new Set<string>()): string[] {
  if (found.has(file)) return [...found];
  found.add(file);
  for (const [, path] of textOfFile(file).matchAll(/(?:from|import\() ?'(\.[^']+)'/g))
    withImports(normalize(join(dirname(file), path!)), found);
  return [...found];
}

/**
 * Actions of the commands in a shell script, and of the scripts of ours that it runs: `aws SERVICE COMMAND`, `docker push`, `docker pull`, `cdk deploy`;
 * in TypeScript the same as the start of a list of arguments.
 */
export function actionsInScript(script: string): string[] {
  const lines = script.replaceAll(/^\s*#.*$/gm, '');
  const commands = [
    ...[...lines.matchAll(/\baws ([a-z0-9-]+) ([a-z-]+)/g)].flatMap(([, service, command]) =>
      actionsOf(service!, pascal(command!)),
    ),
    ...[...lines.matchAll(/\b(docker|cdk) (push|pull|diff|deploy)\b/g)].flatMap(([, tool, command]) =>
      actionsOf(tool!, pascal(command!)),
    ),
  ];
  const scripts = [...lines.matchAll(/\bnode (infra\/pipeline\/[\w-]+\.ts)/g)].flatMap(([, file]) =>
    [
      ...textOfFile(file!).matchAll(/\['([a-z0-9-]+)', '([a-z]+-[a-z-]+)'/g),
      ...textOfFile(file!).matchAll(/'(docker)', \['(push|pull)'/g),
    ].flatMap(([, service, command]) => actionsOf(service!, pascal(command!))),
  );
  return [...new Set([...commands, ...scripts])].sort();
}
