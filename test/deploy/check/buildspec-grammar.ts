import { z } from 'zod';

const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const onFailure = z.union([z.enum(['ABORT', 'CONTINUE']), z.string().regex(/^RETRY(-\d+)?(-.+)?$/)], {
  error: 'must be ABORT, CONTINUE or RETRY',
});

/** YAML turns `- echo: x` into an object and `- true` into a boolean: CodeBuild fails on both, with another message. */
const commands = z
  .array(
    z.string({ error: 'must be text: put quotes around a command that has ": " in it, or write it as a block with |' }).min(1),
  )
  .min(1);

const phase = z.strictObject({
  'run-as': text.optional(),
  'on-failure': onFailure.optional(),
  commands: commands.optional(),
  finally: commands.optional(),
});

const install = phase.extend({ 'runtime-versions': z.record(text, scalar).optional() });

const artifact = {
  files: z.array(text).min(1),
  name: text.optional(),
  'base-directory': text.optional(),
  'discard-paths': z.union([z.literal('yes'), z.literal('no'), z.boolean()]).optional(),
  'exclude-paths': z.union([text, z.array(text)]).optional(),
  's3-prefix': text.optional(),
  'enable-symlinks': z.union([z.literal('yes'), z.literal('no'), z.boolean()]).optional(),
};

const FORMATS = [
  'CUCUMBERJSON',
  'JUNITXML',
  'NUNITXML',
  'NUNIT3XML',
  'TESTNGXML',
  'VISUALSTUDIOTRX',
  'CLOVERXML',
  'COBERTURAXML',
  'JACOCOXML',
  'SIMPLECOV',
] as const;

const report = z.strictObject({
  files: z.array(text).min(1),
  'base-directory': text.optional(),
  'discard-paths': z.union([z.literal('yes'), z.literal('no'), z.boolean()]).optional(),
  'file-format': z.enum(FORMATS, { error: `must be one of ${FORMATS.join(', ')}` }).optional(),
});

const exported = z.string().regex(/^(?!AWS_)[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name that does not begin with AWS_');

const env = z.strictObject({
  shell: z.enum(['bash', 'sh', '/bin/sh', 'powershell.exe']).optional(),
  variables: z.record(text, scalar).optional(),
  'parameter-store': z.record(text, text).optional(),
  'secrets-manager': z.record(text, text).optional(),
  'exported-variables': z.array(exported).optional(),
  'git-credential-helper': z.union([z.literal('yes'), z.literal('no'), z.boolean()]).optional(),
});

/** buildspec.yml, version 0.2, as far as AWS documents it; builds in batches apart. */
export const buildspecGrammar = z.strictObject({
  version: z.literal(0.2, { error: 'must be 0.2: in 0.1 each command has a shell of its own' }),
  'run-as': text.optional(),
  env: env.optional(),
  proxy: z.strictObject({ 'upload-artifacts': z.enum(['yes', 'no']), logs: z.enum(['yes', 'no']) }).optional(),
  phases: z.strictObject({
    install: install.optional(),
    pre_build: phase.optional(),
    build: phase.optional(),
    post_build: phase.optional(),
  }),
  reports: z.record(text, report).optional(),
  artifacts: z
    .strictObject({ ...artifact, 'secondary-artifacts': z.record(text, z.strictObject(artifact)).optional() })
    .optional(),
  cache: z
    .strictObject({ paths: z.array(text).min(1), key: text.optional(), 'fallback-keys': z.array(text).optional() })
    .optional(),
});

export type Buildspec = z.infer<typeof buildspecGrammar>;
