type Json = Record<string, any>;

/** The parts of an OpenAPI document that clients depend on: names, required properties and values of enumerations, but no texts. */
export interface Structure {
  /** Parameters and body by path and method. */
  paths: Record<string, Record<string, { parameters: Record<string, Field>; body?: string }>>;
  schemas: Record<string, { properties: Record<string, Field>; enum?: unknown[] }>;
}

interface Field {
  required?: true;
  enum?: unknown[];
}

export function structureOf(document: Json): Structure {
  const schemas: Json = document['components']['schemas'];
  return {
    paths: mapped(document['paths'] as Json, (methods: Json) =>
      mapped(methods, (operation: Json) => operationOf(operation, schemas)),
    ),
    schemas: mapped(schemas, (schema: Json) => ({
      properties: mapped((schema['properties'] ?? {}) as Json, (property: Json, name) =>
        field(((schema['required'] ?? []) as string[]).includes(name), property, schemas),
      ),
      ...(schema['enum'] && { enum: schema['enum'] }),
    })),
  };
}

function operationOf(operation: Json, schemas: Json) {
  const body: string | undefined = operation['requestBody']?.content['application/json'].schema.$ref;
  const parameters = ((operation['parameters'] ?? []) as Json[]).map((parameter) => [
    `${parameter['in']} ${parameter['name']}`,
    field(parameter['required'] === true, parameter['schema'] as Json, schemas),
  ]);
  return { parameters: Object.fromEntries(parameters) as Record<string, Field>, ...(body && { body: nameOf(body) }) };
}

function field(required: boolean, schema: Json, schemas: Json): Field {
  const values: unknown[] | undefined = schema['$ref'] ? schemas[nameOf(schema['$ref'])].enum : schema['enum'];
  return { ...(required && { required }), ...(values && { enum: values }) };
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1)!;
}

function mapped<T>(values: Json, turn: (value: any, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, turn(value, key)]));
}

/** The parts of `wanted` that `given` does not have, one line for each. */
export function missing(wanted: Structure, given: Structure): string[] {
  const lines: string[] = [];
  for (const [path, methods] of Object.entries(wanted.paths)) {
    for (const [method, { parameters, body }] of Object.entries(methods)) {
      const ours = given.paths[path]?.[method];
      const at = `${method} ${path}`;
      if (!ours) lines.push(at);
      else lines.push(...missingFields(at, parameters, ours.parameters));
      if (ours && body !== undefined && body !== ours.body) lines.push(`${at}: body ${body}`);
    }
  }
  for (const [name, schema] of Object.entries(wanted.schemas)) {
    const ours = given.schemas[name];
    if (!ours) lines.push(`schema ${name}`);
    else lines.push(...missingFields(name, schema.properties, ours.properties), ...missingValues(name, schema.enum, ours.enum));
  }
  return lines;
}

function missingFields(at: string, wanted: Record<string, Field>, given: Record<string, Field>): string[] {
  return Object.entries(wanted).flatMap(([name, { required, enum: values }]) => {
    const ours = given[name];
    if (!ours) return [`${at}: ${name}`];
    return [
      ...(required && !ours.required ? [`${at}: ${name} is not required`] : []),
      ...missingValues(`${at}: ${name}`, values, ours.enum),
    ];
  });
}

function missingValues(at: string, wanted: unknown[] = [], given: unknown[] = []): string[] {
  return wanted.filter((value) => !given.includes(value)).map((value) => `${at}: value ${String(value)}`);
}
