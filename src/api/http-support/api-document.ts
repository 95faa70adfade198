import { z } from 'zod';

/** The OpenAPI document of this server, for those who show it. */
export abstract class ApiDocument {
  abstract get(): Record<string, unknown>;
}

/** The document as an answer. */
export const openApiDocument = z.custom<Record<string, unknown>>().meta({ id: 'OpenApiDocument', type: 'object' });
