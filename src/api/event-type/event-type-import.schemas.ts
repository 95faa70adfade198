import { z } from 'zod';

/** An OpenAPI document whose webhooks become event types: parsed, or as text. */
export const openApiImport = z
  .object({
    dryRun: z.boolean().default(false),
    replaceAll: z.boolean().default(false),
    spec: z.unknown().optional(),
    specRaw: z.string().nullish(),
  })
  .check(({ value, issues }) => {
    if (isGiven(value.spec) !== isGiven(value.specRaw)) return;
    const message = isGiven(value.spec) ? 'Give either spec or specRaw, not both' : 'Is missing';
    issues.push({ code: 'custom', path: ['spec'], message, input: undefined });
  });

export type OpenApiImport = z.output<typeof openApiImport>;

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
