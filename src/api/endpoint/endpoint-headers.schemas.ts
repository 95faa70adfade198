import { z } from 'zod';
import {
  headerNameProblem,
  headerValueProblem,
  MAX_HEADERS,
  MAX_NAME_LENGTH,
  MAX_VALUE_BYTES,
} from '../../domain/custom-headers.js';
import { list, record } from '../http-support/bounded.js';
import { isDotSegment, DOT_SEGMENT_REFUSED } from '../http-support/schemas.js';

const headerName = z.string().max(MAX_NAME_LENGTH);

const headerValue = z
  .string()
  .max(MAX_VALUE_BYTES, { error: ({ input }) => headerValueProblem(input as string) ?? undefined, abort: true })
  .superRefine((value, context) => {
    const problem = headerValueProblem(value);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  });

/** Custom headers: name to value. */
export const customHeaders = headersOf(headerValue);

/** Custom headers that replace all present ones. */
export const headersIn = z.object({ headers: customHeaders }).meta({ id: 'EndpointHeadersIn' });

/** Custom headers to set. A header is deleted by the value null, or by its name in `deleteHeaders`. */
export const headersPatch = z
  .object({ headers: headersOf(headerValue.nullable()).optional(), deleteHeaders: list(headerName, MAX_HEADERS).nullish() })
  .refine((given) => given.headers !== undefined || given.deleteHeaders, { path: ['headers'], message: 'Is missing' })
  .meta({ id: 'EndpointHeadersPatchIn', required: ['headers'] })
  .transform(({ headers, deleteHeaders }) => ({
    ...Object.fromEntries((deleteHeaders ?? []).map((name) => [name, null])),
    ...headers,
  }));

/** Custom headers as the API shows them: of those that look like credentials only the names, in `sensitive`. */
export const headersOut = z
  .object({ headers: z.record(z.string(), z.string()), sensitive: z.array(z.string()) })
  .meta({ id: 'EndpointHeadersOut' });

export type HeadersIn = z.output<typeof headersIn>;
export type HeadersPatch = z.output<typeof headersPatch>;
export type HeadersOut = z.output<typeof headersOut>;

function headersOf<V extends z.ZodType>(value: V) {
  const headers = record(headerName, value, MAX_HEADERS).superRefine((given, context) =>
    refuseNames(Object.keys(given), context),
  );
  // zod's record drops the key `__proto__` silently, so it is refused before.
  return z.preprocess((given, context) => {
    if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__')) refuseNames(['__proto__'], context);
    return given;
  }, headers);
}

function refuseNames(names: readonly string[], context: z.RefinementCtx): void {
  for (const name of names) {
    const problem = isDotSegment(name) ? DOT_SEGMENT_REFUSED : headerNameProblem(name);
    if (problem) context.addIssue({ code: 'custom', path: [name], message: problem });
  }
}
