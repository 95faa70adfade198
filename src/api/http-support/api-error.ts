import { z } from 'zod';

/** A refusal that the client is told as `{ code, detail }` with this status. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** The body of a refusal. */
export const httpErrorOut = z.object({ code: z.string(), detail: z.string() }).meta({ id: 'HttpErrorOut' });

/** One fault of a request. `loc` begins with `body`, `query` or `path`; items of lists are written `[0]`. */
export const inputProblem = z
  .object({ loc: z.array(z.string()), msg: z.string(), type: z.string() })
  .meta({ id: 'ValidationErrorItem' });
export type InputProblem = z.output<typeof inputProblem>;

/** The body of a 422. */
export const httpValidationError = z.object({ detail: z.array(inputProblem) }).meta({ id: 'HTTPValidationError' });

/** Problem type of a text that isn't JSON, of a value of the wrong type, and of a missing key. */
export const WRONG_SHAPE = 'value_error.jsondecode';

/** The request can be read, but what it says is not acceptable: 422 with every fault found. */
export class InvalidInput extends Error {
  constructor(readonly problems: InputProblem[]) {
    super(problems.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
  }
}

/** 404: the thing does not exist, or not for this tenant. */
export function notFound(detail = 'Entity not found'): ApiError {
  return new ApiError(404, 'not_found', detail);
}

/** 409: the name or id is taken. */
export function conflict(detail: string): ApiError {
  return new ApiError(409, 'conflict', detail);
}

/** 409: somebody wants something sent to an endpoint that gets nothing. */
export function endpointDisabled(): ApiError {
  return new ApiError(409, 'endpoint_disabled', 'The endpoint is disabled, so nothing is sent to it. Enable it first');
}

/** 400 with a code of its own. */
export function badRequest(code: string, detail: string): ApiError {
  return new ApiError(400, code, detail);
}

/** 422 for a single fault that no schema can find. */
export function invalid(loc: string[], msg: string, type = 'value_error'): InvalidInput {
  return new InvalidInput([{ loc, msg, type }]);
}
