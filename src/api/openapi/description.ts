/** A JSON Schema, or anything else that is written as JSON. */
export type Json = { [key: string]: unknown };

/** What the document says of an operation that its code doesn't. */
export interface Description {
  /** Names it for generated clients. */
  id: string;
  tag: string;
  /** What it does, in a line. */
  summary: string;
  /** What else one must know. */
  text?: string;
  /** Name of the schema of its body, if it takes one. */
  body?: string;
  /** Statuses of success, each with the name of its schema; null for an answer without a body. Where it is absent: the usual one. */
  answers?: Record<number, string | null>;
  /** Schemas of query parameters that mean something else here than elsewhere. */
  query?: Record<string, Json>;
}

/** Descriptions by `METHOD /path/{parameter}`. */
export type Descriptions = Record<string, Description>;
