import type { ValueTransformer } from 'typeorm';

/** What a caller attaches to an object: name → value. */
export type Metadata = Record<string, string>;

/** A value that is stored as JSON text. A column of type JSON would reorder keys, and differ between the databases. */
export const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value)),
  from: (text: string | null) => (text === null ? null : (JSON.parse(text) as unknown)),
};
