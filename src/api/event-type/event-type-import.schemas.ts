import { z } from 'zod';
import { BODY_LIMIT_BYTES } from '../http-support/bounded.js';

const EXAMPLE = {
  openapi: '3.1.0',
  info: { title: 'Acme', version: '1' },
  webhooks: {
    'order.paid': {
      post: {
        summary: 'An order was paid',
        'x-svix-group-name': 'orders',
        requestBody: {
          content: {
            'application/json': {
              schema: { type: 'object', properties: { order: { type: 'integer' } } },
              example: { order: 42 },
            },
          },
        },
      },
    },
  },
};

/** An OpenAPI document whose webhooks become event types: as JSON in `spec`, or as text in `specRaw`. */
export const openApiImport = z
  .object({
    dryRun: z.boolean().default(false),
    replaceAll: z.boolean().default(false),
    spec: z.unknown().optional(),
    specRaw: z.string().max(BODY_LIMIT_BYTES).nullish(),
  })
  .check(({ value, issues }) => {
    if (isGiven(value.spec) !== isGiven(value.specRaw)) return;
    const message = isGiven(value.spec) ? 'Give either spec or specRaw, not both' : 'Is missing';
    issues.push({ code: 'custom', path: ['spec'], message, input: undefined });
  })
  .meta({ id: 'EventTypeImportOpenApiIn', examples: [{ spec: EXAMPLE }] });

/** The names of the event types that were created or changed. For a dry run also what they would become. */
export const importOut = z
  .object({
    data: z.object({ modified: z.array(z.string()), to_modify: z.array(z.record(z.string(), z.unknown())).optional() }),
  })
  .meta({ id: 'EventTypeImportOpenApiOut' });

export type OpenApiImport = z.output<typeof openApiImport>;
export type ImportOut = z.output<typeof importOut>;

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
