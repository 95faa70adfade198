import { isUtf8 } from 'node:buffer';
import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { inSteps } from '../../async/steps.js';
import { isTooDeep, MAX_LEVELS, TOO_DEEP } from '../../domain/json-depth.js';
import { JsonTooDeep, parsedInSteps } from '../../domain/json-steps.js';
import { STEP_CHARS, type Stepwise } from '../../domain/stepwise.js';
import { badRequest, InvalidInput, invalid, MAX_PROBLEMS, shownProblems, WRONG_SHAPE, type InputProblem } from './api-error.js';

type Issue = z.core.$ZodIssue;

/** `params` of a custom issue in a schema: how the issue is answered. */
export interface RuleParams {
  /** The text of a query parameter can not be parsed: 400 instead of 422. */
  unparsable?: boolean;
  /** The code of that 400; the default is `generic_error`. */
  code?: string;
  /** The type of the problem; the default is `value_error`. */
  type?: string;
}

/**
 * Checks parameters of handlers against their schemas: `@Body({ schema })`, `@Query({ schema })`, `@Param(name, { schema })`.
 *
 * The body arrives as the bytes that the client sent, and is parsed as JSON whatever its content type. Values are not converted, and
 * unknown keys are dropped. Bad input is always a 400 or a 422, never a 500.
 */
@Injectable()
export class ContractPipe implements PipeTransform {
  transform(value: unknown, { type, data, schema }: ArgumentMetadata): unknown {
    if (!schema) return value;
    const rules = schema as unknown as z.ZodType;
    if (type === 'body') return READ_LATER.has(rules) ? bytesOf(value) : checkedBody(rules, value);
    if (type === 'query') return checkedQuery(rules, value);
    if (type === 'param') return checkedParam(rules, value, data ?? '');
    return value;
  }
}

/** Schemas of bodies that their handlers read. */
const READ_LATER = new WeakSet<z.ZodType>();

/** Leaves a body to its handler, which gets the bytes and reads them in steps. The schema is for the document alone. */
export function readByHandler<T extends z.ZodType>(rules: T): T {
  READ_LATER.add(rules);
  return rules;
}

/** Limits on the nesting of bodies, for schemas that do not have the default limit. */
const LEVELS = new WeakMap<z.ZodType, number>();

/** Allows deeper bodies for a schema: the limit holds for each of its items, not for the whole body. */
export function nestedUpTo<T extends z.ZodType>(levels: number, rules: T): T {
  LEVELS.set(rules, levels);
  return rules;
}

/** The problem of a body, or an item of one, that is nested too deeply. */
export function bodyTooDeep(): InputProblem {
  return { loc: ['body'], msg: TOO_DEEP, type: 'value_error' };
}

function bytesOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** What a body was found to be. */
interface CheckedBody {
  parsed: unknown;
  data: unknown;
}

/** Bodies and queries that were accepted. The guard, the audit log, @App() and the pipe ask for the same one, and it is checked once. */
const ACCEPTED = new WeakMap<object, { rules: z.ZodType; data: unknown; parsed?: unknown }>();

/** Bodies that were refused, with the error. */
const REFUSED = new WeakMap<object, { rules: z.ZodType; error: unknown }>();

/**
 * The value of a body by these rules; a promise of it if the body is long, and is parsed in steps. Throws the error that the client
 * gets.
 */
export function checkedBody(rules: z.ZodType, body: unknown): unknown {
  const bytes = bytesOf(body);
  const known = ACCEPTED.get(bytes);
  if (known?.rules === rules) return known.data;
  const refused = REFUSED.get(bytes);
  if (refused?.rules === rules) throw refused.error;
  try {
    const { data, parsed } = bytes.length > STEP_CHARS ? checkedLater(rules, bytes) : checkedShortBody(rules, bytes);
    ACCEPTED.set(bytes, { rules, data, parsed });
    return data;
  } catch (error) {
    REFUSED.set(bytes, { rules, error });
    throw error;
  }
}

/** The same as promises. */
function checkedLater(rules: z.ZodType, bytes: Buffer): CheckedBody {
  const checking = inSteps(checkedLongBody(rules, bytes));
  const data = checking.then((checked) => checked.data);
  // Whoever needs the parsed body waits for the data first, which fails with the same error.
  const parsed = checking.then((checked) => checked.parsed).catch(() => null);
  return { data, parsed };
}

function checkedShortBody(rules: z.ZodType, bytes: Buffer): CheckedBody {
  let parsed: unknown;
  assertUtf8(bytes);
  try {
    parsed = JSON.parse(bytes.toString());
  } catch {
    throw notJson(bytes);
  }
  if (isTooDeep(bytes, LEVELS.get(rules))) throw new InvalidInput([bodyTooDeep()]);
  return checked(rules, parsed);
}

function* checkedLongBody(rules: z.ZodType, bytes: Buffer): Stepwise<CheckedBody> {
  let parsed: unknown;
  assertUtf8(bytes);
  try {
    parsed = yield* parsedInSteps(bytes.toString(), LEVELS.get(rules) ?? MAX_LEVELS);
  } catch (error) {
    throw error instanceof JsonTooDeep ? new InvalidInput([bodyTooDeep()]) : notJson(bytes);
  }
  yield;
  return checked(rules, parsed);
}

function checked(rules: z.ZodType, parsed: unknown): CheckedBody {
  const result = rules.safeParse(parsed);
  if (!result.success) throw new InvalidInput(bodyProblems(result.error));
  return { parsed, data: result.data };
}

function assertUtf8(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw invalid(['body'], 'The body is not UTF-8', WRONG_SHAPE);
}

function notJson(bytes: Buffer): InvalidInput {
  return invalid(['body'], bytes.length === 0 ? 'A JSON body is required' : 'The body is not valid JSON', WRONG_SHAPE);
}

/** Which of these fields a body has; none of a body that its handler reads. Throws as `checkedBody` does. */
export async function givenFields(rules: z.ZodType, body: unknown, names: readonly string[]): Promise<string[]> {
  if (READ_LATER.has(rules)) return [];
  await checkedBody(rules, body);
  const parsed = await ACCEPTED.get(bytesOf(body))?.parsed;
  return isObject(parsed) ? names.filter((name) => Object.hasOwn(parsed, name)) : [];
}

/** The problems of a body, or of a part of one, as the API shows them: at most `max`. */
export function bodyProblems({ issues }: z.ZodError, max = MAX_PROBLEMS): InputProblem[] {
  return shownProblems(
    issues.slice(0, max).map((issue) => problemOf('body', issue)),
    max,
  );
}

/** The value of a query by these rules. Throws the error that the client gets. */
export function checkedQuery(rules: z.ZodType, query: unknown): unknown {
  const known = isObject(query) ? ACCEPTED.get(query) : undefined;
  if (known?.rules === rules) return known.data;
  const result = rules.safeParse(withLists((query ?? {}) as Record<string, unknown>));
  if (result.success) {
    if (isObject(query)) ACCEPTED.set(query, { rules, data: result.data });
    return result.data;
  }
  const { issues } = result.error;
  const unreadable = issues.find(isUnreadable);
  if (unreadable)
    throw badRequest(
      paramsOf(unreadable).code ?? 'generic_error',
      `Query parameter ${unreadable.path.join('.')}: ${unreadable.message}`,
    );
  throw new InvalidInput(issues.map((issue) => problemOf('query', issue)));
}

function checkedParam(rules: z.ZodType, value: unknown, name: string): unknown {
  const result = rules.safeParse(value);
  if (result.success) return result.data;
  throw new InvalidInput(result.error.issues.map((issue) => ({ ...problemOf('path', issue), loc: ['path', name] })));
}

/** Gathers lists: `name[]=a` and `name[0]=a` mean the same as `name=a`. */
function withLists(query: Record<string, unknown>): Record<string, unknown> {
  const gathered: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  const lists = new Map<string, unknown[]>();
  for (const [key, value] of Object.entries(query)) {
    const name = key.replace(/\[\d*\]$/, '');
    if (name === key && !(name in gathered)) gathered[name] = value;
    else {
      const list = lists.get(name) ?? [gathered[name] ?? []].flat();
      list.push(...[value].flat());
      lists.set(name, list);
      gathered[name] = list;
    }
  }
  return gathered;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isUnreadable(issue: Issue): boolean {
  return issue.code === 'invalid_type' || paramsOf(issue).unparsable === true;
}

function problemOf(place: string, issue: Issue): InputProblem {
  const path = issue.path.map(pathStep);
  const type = paramsOf(issue).type ?? (issue.code === 'invalid_type' ? WRONG_SHAPE : 'value_error');
  return { loc: [place, ...path], msg: issue.message, type };
}

/** A step of a path as the API shows it. */
export function pathStep(step: PropertyKey): string {
  return typeof step === 'number' ? `[${step}]` : String(step);
}

function paramsOf(issue: Issue): RuleParams {
  return issue.code === 'custom' ? ((issue.params ?? {}) as RuleParams) : {};
}
