import { z } from 'zod';
import { headerNameProblem, headerValueProblem } from '../../domain/custom-headers.js';
import { isStep, STEP } from '../http-support/schemas.js';

const headerValue = z.string().superRefine((value, context) => {
  const problem = headerValueProblem(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

/** Custom headers, name to value. */
export const customHeaders = headersOf(headerValue);

/** Custom headers that replace all there are. */
export const headersIn = z.object({ headers: customHeaders }).meta({ id: 'EndpointHeadersIn' });

/** Custom headers to set, and to delete: by null, or by name in `deleteHeaders`. */
export const headersPatch = z
  .object({ headers: headersOf(headerValue.nullable()).optional(), deleteHeaders: z.array(z.string()).nullish() })
  .refine((given) => given.headers !== undefined || given.deleteHeaders, { path: ['headers'], message: 'Is missing' })
  .meta({ id: 'EndpointHeadersPatchIn', required: ['headers'] })
  .transform(({ headers, deleteHeaders }) => ({
    ...Object.fromEntries((deleteHeaders ?? []).map((name) => [name, null])),
    ...headers,
  }));

/** Custom headers as they are shown: of those that look like credentials only the names, in `sensitive`. */
export const headersOut = z
  .object({ headers: z.record(z.string(), z.string()), sensitive: z.array(z.string()) })
  .meta({ id: 'EndpointHeadersOut' });

export type HeadersIn = z.output<typeof headersIn>;
export type HeadersPatch = z.output<typeof headersPatch>;
export type HeadersOut = z.output<typeof headersOut>;

function headersOf<V extends z.ZodType>(value: V) {
  const headers = z.record(z.string(), value).superRefine((given, context) => refuseNames(Object.keys(given), context));
  // A record leaves out what would reach for its prototype, and says nothing.
  return z.preprocess((given, context) => {
    if (typeof given === 'object' && given !== null && Object.hasOwn(given, '__proto__')) refuseNames(['__proto__'], context);
    return given;
  }, headers);
}

function refuseNames(names: readonly string[], context: z.RefinementCtx): void {
  for (const name of names) {
    const problem = isStep(name) ? STEP : headerNameProblem(name);
    if (problem) context.addIssue({ code: 'custom', path: [name], message: problem });
  }
}
