import { z } from 'zod';
import type { JsonText } from './json-text.js';

/** The OpenAPI document of this server. The pages of the documentation show it, and the API serves it. */
export abstract class ApiDocument {
  /** The first call makes it, in steps. */
  abstract get(): Promise<Record<string, unknown>>;
}

/** The answer that contains the document. */
export const openApiDocument = z.custom<JsonText>().meta({ id: 'OpenApiDocument', type: 'object' });
