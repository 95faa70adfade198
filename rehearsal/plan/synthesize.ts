import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Synthesizing loads the whole CDK, which takes long on a small machine. */
const LIMIT_MS = 180_000;
const INFRA = join(import.meta.dirname, '..', '..', 'infra');
const NO_PACKAGES = 'The rehearsal reads the stacks of infra/, whose packages are missing. Run `npm ci --prefix infra` first.';

type Context = Record<string, unknown>;

export interface Resource {
  Type: string;
  Properties?: Record<string, unknown>;
}

/** A CloudFormation template, as far as it is read here. */
export interface Template {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown } }>;
}

/**
 * Makes the templates of all stacks, as `cdk deploy` would with the options of infra/cdk.json, but for account and region. Answers the folder, which is
 * the caller's.
 *
 * @param context options that are given besides, as with `-c`
 * @throws Error with what the CDK says
 */
export async function synthesize(context: Context = {}): Promise<string> {
  if (!existsSync(join(INFRA, 'node_modules'))) throw new Error(NO_PACKAGES);
  const folder = mkdtempSync(join(tmpdir(), 'posthorn-stacks-'));
  const { context: kept } = JSON.parse(readFileSync(join(INFRA, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
  const given = { ...kept, repository: 'rehearsal/posthorn', 'aws:cdk:version-reporting': false, ...context };
  const all = { ...withoutPlace(given), ...environmentsOf(given) };
  try {
    await promisify(execFile)(process.execPath, ['bin/posthorn.ts'], {
      cwd: INFRA,
      env: { ...process.env, CDK_OUTDIR: folder, CDK_CONTEXT_JSON: JSON.stringify(all) },
      timeout: LIMIT_MS,
      maxBuffer: 64 * 1_048_576,
    });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`The stacks of infra/ can't be synthesized. If its packages are old, run \`npm ci\` there.\n${said(error)}`, {
      cause: error,
    });
  }
}

/** The rehearsal is in an account and a region of its own, where the stacks' names have to lead. */
function withoutPlace({ account: _account, region: _region, ...rest }: Context): Context {
  return rest;
}

function environmentsOf({ environments }: Context): Context {
  const list = typeof environments === 'string' ? (JSON.parse(environments) as unknown) : environments;
  return Array.isArray(list) ? { environments: list.map(withoutPlace) } : {};
}

/** The templates in a folder, by the stack's name. */
export function templatesIn(folder: string): Record<string, Template> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.template.json'));
  if (files.length === 0) throw new Error(`${folder} has no templates of stacks. \`cdk synth\` in infra/ makes them.`);
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -'.template.json'.length),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as Template,
    ]),
  );
}

function said(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).split('\n').slice(0, 20).join('\n');
}
