import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { OPERATOR } from './api/auth/token-claims.js';
import { DEFAULT_ORG_ID, Tokens } from './api/auth/tokens.js';
import { Misuse } from './command-line.js';
import type { AppConfig, DatabaseConfig } from './config/config.js';
import { createWriter } from './database/data-source.js';
import { refusalOf } from './database/errors.js';
import { expireTokens, type Expiry } from './database/expire-tokens.js';

const TOKEN_USAGE = `Usage: node dist/cli.js token [org_id] [--days n]
       node dist/cli.js token --operator [--days n]

Prints an API token of an organisation (default ${DEFAULT_ORG_ID}), signed with the first secret of JWT_SECRET.

  --days n    for how many days it is valid, from 1 to 3650 (default 365)
  --operator  a token for what crosses organisations: it calls the operations for operators, and no other`;

export const EXPIRE_USAGE = `Usage: node dist/cli.js expire-tokens org_id [--before time] [--keep-api-keys]
       node dist/cli.js expire-tokens --operator [--before time]

Expires all tokens of an organisation that were issued until now: its own, those of its applications, and its API keys. Running
processes refuse them within seconds. Tokens that are issued afterwards are valid.

  --before time    only those that were issued until this time, such as 2026-01-02T03:04:05Z
  --keep-api-keys  not the API keys
  --operator       the tokens of operators instead`;

const ORG_ID = /^org_[\x21-\x7e]{1,251}$/;
const MAX_DAYS = 3_650;

/** What `token` was asked for. */
interface Asked {
  owner: string;
  /** Null for the default. */
  days: number | null;
}

/** What the command `token` prints: a token, or how to use it. Throws Misuse if the command line is wrong. */
export async function tokenOf(rest: string[], configOf: () => AppConfig): Promise<string> {
  if (rest.includes('--help')) return TOKEN_USAGE;
  const { owner, days } = askedOf(rest);
  const tokens = new Tokens(configOf());
  return owner === OPERATOR ? tokens.mintOperator(days ?? undefined) : tokens.mint(owner, days ?? undefined);
}

/** Runs the command `expire-tokens`. Answers what it did, as a text. Throws Misuse if the command line is wrong. */
export async function runExpireTokens(rest: string[], configOf: () => DatabaseConfig): Promise<string> {
  if (rest.includes('--help')) return EXPIRE_USAGE;
  const expiry = expiryOf(rest);
  const dataSource = createWriter(configOf());
  try {
    await dataSource.initialize();
    return report(expiry, await expireTokens(dataSource, expiry));
  } catch (error) {
    throw refusalOf(error);
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy().catch(() => undefined);
  }
}

function report({ owner, issuedUntil, keepKeys }: Expiry, keys: number): string {
  const whose = owner === OPERATOR ? 'of operators' : `of ${owner} and its applications`;
  const withKeys = owner === OPERATOR || keepKeys ? '' : ` and ${keys} API key${keys === 1 ? '' : 's'} of the organisation`;
  return [
    `Expired: all tokens ${whose} that were issued until ${new Date(issuedUntil).toISOString()}${withKeys}.`,
    'Running processes refuse them within seconds. Who has JWT_SECRET can sign new ones: if it is known to others, change it too.',
  ].join('\n');
}

function askedOf(rest: string[]): Asked {
  const { values, positionals } = parsed(rest, { operator: { type: 'boolean', default: false }, days: { type: 'string' } });
  const days = values['days'] as string | undefined;
  if (days !== undefined && !(/^\d{1,4}$/.test(days) && Number(days) >= 1 && Number(days) <= MAX_DAYS))
    throw new Misuse(`"${days}" is no number of days: write a whole number from 1 to ${MAX_DAYS}.`);
  const owner = ownerOf(positionals, values['operator'] === true, DEFAULT_ORG_ID);
  return { owner, days: days === undefined ? null : Number(days) };
}

function expiryOf(rest: string[]): Expiry {
  const { values, positionals } = parsed(rest, {
    operator: { type: 'boolean', default: false },
    before: { type: 'string' },
    'keep-api-keys': { type: 'boolean', default: false },
  });
  const owner = ownerOf(positionals, values['operator'] === true, null);
  return {
    owner,
    issuedUntil: timeOf(values['before'] as string | undefined),
    keepKeys: values['keep-api-keys'] === true || owner === OPERATOR,
  };
}

function timeOf(text: string | undefined): number {
  const now = Date.now();
  if (text === undefined) return now;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new Misuse(`"${text}" is no time: write it with its offset, such as 2026-01-02T03:04:05Z.`);
  if (time > now) throw new Misuse(`"${text}" is in the future: tokens that do not exist yet can't expire.`);
  return time;
}

function ownerOf(positionals: string[], operator: boolean, byDefault: string | null): string {
  const [orgId = operator ? OPERATOR : byDefault, ...more] = positionals;
  if (more.length > 0 || (operator && positionals.length > 0)) throw new Misuse('Give one organisation, or --operator.');
  if (orgId === null || orgId === undefined) throw new Misuse(EXPIRE_USAGE);
  if (orgId !== OPERATOR && !ORG_ID.test(orgId))
    throw new Misuse(`"${orgId}" is not an organisation id: write one that begins with org_.`);
  if (orgId === OPERATOR && !operator) throw new Misuse('Write --operator for the tokens of operators.');
  return orgId;
}

function parsed(args: string[], options: ParseArgsOptionsConfig) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Misuse((error as Error).message);
  }
}
