import { RegisterTaskDefinitionRequest$ } from '@aws-sdk/client-ecs';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Fault } from './fault.js';
import type { Path, Source } from './source.js';

/** What describe-task-definition answers and RegisterTaskDefinition refuses: the mark of a pasted description. */
const DESCRIPTION_ONLY = new Set([
  'compatibilities',
  'deleteRequestedAt',
  'deregisteredAt',
  'registeredAt',
  'registeredBy',
  'requiresAttributes',
  'revision',
  'status',
  'taskDefinitionArn',
]);

/** Compares every key and type of the task definition with the AWS SDK's own model of RegisterTaskDefinition. */
export function checkTaskdefModel(source: Source): Fault[] {
  const faults: Fault[] = [];
  const report: Report = (path, message) => faults.push({ file: source.file, line: source.lineAt(path), message });
  compare(NormalizedSchema.of(RegisterTaskDefinitionRequest$), source.value, [], report);
  return faults;
}

type Report = (path: Path, message: string) => void;

function compare(schema: NormalizedSchema, value: unknown, path: Path, report: Report): void {
  if (schema.isStructSchema()) return compareObject(schema, value, path, report);
  if (schema.isListSchema()) return compareList(schema, value, path, report);
  if (schema.isMapSchema()) return compareMap(schema, value, path, report);
  const wanted = scalarType(schema);
  if (wanted !== undefined && typeof value !== wanted)
    report(path, `make ${nameOf(path)} a ${wanted}: it is ${JSON.stringify(value)}`);
}

function compareObject(schema: NormalizedSchema, value: unknown, path: Path, report: Report): void {
  if (!isObject(value)) return report(path, `make ${nameOf(path)} an object: it is ${JSON.stringify(value)}`);
  const members = new Map(schema.structIterator());
  for (const [key, inner] of Object.entries(value)) {
    const member = members.get(key);
    if (member) compare(member, inner, [...path, key], report);
    else report([...path, key], unknownKey(key, path, [...members.keys()]));
  }
}

function compareList(schema: NormalizedSchema, value: unknown, path: Path, report: Report): void {
  if (!Array.isArray(value)) return report(path, `make ${nameOf(path)} a list: it is ${JSON.stringify(value)}`);
  value.forEach((item, index) => compare(schema.getValueSchema(), item, [...path, index], report));
}

function compareMap(schema: NormalizedSchema, value: unknown, path: Path, report: Report): void {
  if (!isObject(value)) return report(path, `make ${nameOf(path)} an object: it is ${JSON.stringify(value)}`);
  for (const [key, inner] of Object.entries(value)) compare(schema.getValueSchema(), inner, [...path, key], report);
}

function unknownKey(key: string, path: Path, known: readonly string[]): string {
  const meant = known.find((name) => name.toLowerCase() === key.toLowerCase());
  if (meant) return `write "${meant}" for "${key}": the names of a task definition begin with a small letter`;
  if (path.length === 0 && DESCRIPTION_ONLY.has(key))
    return `remove "${key}": describe-task-definition answers it, but RegisterTaskDefinition refuses it`;
  return `remove "${key}": the AWS SDK's model of RegisterTaskDefinition has no such key in ${nameOf(path)}`;
}

function scalarType(schema: NormalizedSchema): 'string' | 'number' | 'boolean' | undefined {
  if (schema.isStringSchema()) return 'string';
  if (schema.isNumericSchema()) return 'number';
  return schema.isBooleanSchema() ? 'boolean' : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `containerDefinitions[0].portMappings`, for people. */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    return name === '' ? String(key) : `${name}.${String(key)}`;
  }, '');
}
