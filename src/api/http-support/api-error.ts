import { z } from 'zod';
import { shortened, shortPath } from '../../domain/quoted.js';

/** A request is not checked further when it has so many problems. */
export const MAX_PROBLEMS = 20;
/** Messages are ours, with at most a few hundred characters of the input. */
const MAX_MESSAGE_LENGTH = 1_000;

/** An error that is answered with this status and the body `{ code, detail }`. */
export class ApiError extends Error {
  readonly detail: string;

  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    const shown = shortened(detail, MAX_MESSAGE_LENGTH);
    super(shown);
    this.detail = shown;
  }
}

/** The body of an error. */
export const httpErrorOut = z.object({ code: z.string(), detail: z.string() }).meta({ id: 'HttpErrorOut' });

/** One problem in a request. `loc` begins with `body`, `query` or `path`; items of lists are written `[0]`. */
export const inputProblem = z
  .object({ loc: z.array(z.string()), msg: z.string(), type: z.string() })
  .meta({ id: 'ValidationErrorItem' });
export type InputProblem = z.output<typeof inputProblem>;

/** The body of a 422. */
export const httpValidationError = z.object({ detail: z.array(inputProblem) }).meta({ id: 'HTTPValidationError' });

/** The type of these problems: text that is not JSON, a value of the wrong type, a missing key. */
export const WRONG_SHAPE = 'value_error.jsondecode';

/** The request can be parsed, but its values are not valid: 422 with the first of its problems. */
export class InvalidInput extends Error {
  readonly problems: InputProblem[];

  constructor(problems: readonly InputProblem[]) {
    const shown = shownProblems(problems);
    super(shown.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
    this.problems = shown;
  }
}

/** Problems as they are answered: not too many, and with little of the input. */
export function shownProblems(problems: readonly InputProblem[], max = MAX_PROBLEMS): InputProblem[] {
  return problems.slice(0, max).map(({ loc, msg, type }) => ({
    loc: shortPath(loc),
    msg: shortened(msg, MAX_MESSAGE_LENGTH),
    type,
  }));
}

/** 404: not found, or this token has no access to it. */
export function notFound(detail = 'Entity not found'): ApiError {
  return new ApiError(404, 'not_found', detail);
}

/** 409: the name or id is already in use. */
export function conflict(detail: string): ApiError {
  return new ApiError(409, 'conflict', detail);
}

/** 409: the request would send something to a disabled endpoint. */
export function endpointDisabled(): ApiError {
  return new ApiError(409, 'endpoint_disabled', 'The endpoint is disabled, so nothing is sent to it. Enable it first');
}

/** 400 with this code. */
export function badRequest(code: string, detail: string): ApiError {
  return new ApiError(400, code, detail);
}

/** 422 for one problem that no schema can find. */
export function invalid(loc: string[], msg: string, type = 'value_error'): InvalidInput {
  return new InvalidInput([{ loc, msg, type }]);
}
