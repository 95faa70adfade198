/** The schema of a version and its examples, as JSON. Large numbers would not survive being read and written again. */
export interface SchemaSource {
  /** Without `examples`; null if there is nothing else. */
  schema: string | null;
  examples: string[];
  /** All of it as it was written; absent if it was changed. */
  whole?: string;
}

/** An event type as it is edited. */
export interface Catalogued {
  name: string;
  description: string;
  deprecated: boolean;
  groupName: string | null;
  featureFlags: string[] | null;
  /** By version. */
  schemas: Record<string, SchemaSource>;
}

/** A change, or a new event type. Versions of the schema that are not given stay as they are; one with neither schema nor examples is removed. */
export type CataloguedPatch = Pick<Catalogued, 'name'> & Partial<Catalogued & { archived: boolean }>;
