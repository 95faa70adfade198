import { ApiException } from 'svix';
import * as texts from '../texts/en.js';
import { NoSession } from './client.js';

/** An error as it is told to a person. */
export interface Fault {
  title: string;
  text: string;
  /** The HTTP status; null if there was no answer. */
  status: number | null;
  /** The API's own words. */
  code: string | null;
  detail: string | null;
  /** The problem of each field of a form, by its name. */
  fields: Record<string, string>;
  retryAfterSeconds: number | null;
  /** Trying again may help. */
  transient: boolean;
}

interface Problem {
  loc: string[];
  msg: string;
}

/** What is to be deleted and is not there any more is deleted: the answer to the first try was lost. */
export async function deleted(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (faultOf(error).status !== 404) throw error;
  }
}

/** What a thrown value means. */
export function faultOf(error: unknown): Fault {
  if (error instanceof ApiException) return fromAnswer(error);
  if (error instanceof NoSession) return faultWith(texts.errors.unauthorized, 401, {});
  const words = error instanceof DOMException && error.name === 'TimeoutError' ? texts.errors.timeout : texts.errors.network;
  if (error instanceof TypeError || error instanceof DOMException) return faultWith(words, null, { transient: true });
  return faultWith(texts.errors.unknown, null, { detail: error instanceof Error ? error.message : String(error) });
}

function fromAnswer({ code: status, body, headers }: ApiException<unknown>): Fault {
  const { code, detail } = parsed(body);
  const problems = Array.isArray(detail) ? (detail as Problem[]) : [];
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) ? seconds : null;
  const words = wordsFor(status, code);
  return faultWith(
    retryAfterSeconds === null ? words : { ...words, text: `${words.text} ${texts.errors.retryIn(retryAfterSeconds)}` },
    status,
    {
      code: code ?? null,
      detail:
        problems.length > 0
          ? problems.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('\n')
          : typeof detail === 'string'
            ? detail
            : null,
      fields: Object.fromEntries(problems.map(({ loc, msg }) => [loc.slice(1).join('.'), msg])),
      retryAfterSeconds,
      transient: status === 429 || status === 408 || status >= 500,
    },
  );
}

function faultWith(words: { title: string; text: string }, status: number | null, more: Partial<Fault>): Fault {
  return { ...words, status, code: null, detail: null, fields: {}, retryAfterSeconds: null, transient: false, ...more };
}

function parsed(body: unknown): { code?: string; detail?: unknown } {
  try {
    return (typeof body === 'string' ? JSON.parse(body) : body) as { code?: string; detail?: unknown };
  } catch {
    return {};
  }
}

function wordsFor(status: number, code: string | undefined): { title: string; text: string } {
  if (code === 'limit_reached') return texts.errors.limit;
  if (status === 401) return texts.errors.unauthorized;
  if (status === 403) return texts.errors.forbidden;
  if (status === 404) return texts.errors.notFound;
  if (status === 409) return texts.errors.conflict;
  if (status === 400 || status === 422 || status === 413) return texts.errors.invalid;
  if (status === 429) return texts.errors.tooMany;
  if (status === 502 || status === 503 || status === 504) return texts.errors.unavailable;
  return status >= 500 ? texts.errors.server : texts.errors.unknown;
}
