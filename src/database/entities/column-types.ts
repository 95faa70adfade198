import type { ValueTransformer } from 'typeorm';

export type Metadata = Record<string, string>;

/** A value kept as JSON text: the same bytes on every database, and no JSON column that would reorder keys. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (text: string | null) => (text === null ? null : (JSON.parse(text) as unknown)),
};
