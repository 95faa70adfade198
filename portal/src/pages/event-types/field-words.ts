import * as texts from '../../texts/en.js';
import { isNumber, itemsOf, resolved, typesOf, type Schema, type Scope } from './schema.js';

const words = texts.eventTypes.tree;
const MAX_SHOWN = 80;

/** "string (date-time) or null", "list of object". */
export function typeText(schema: Schema, scope: Scope): string {
  const items = itemsOf(schema);
  const names = typesOf(schema).map((type) => {
    if (type === 'array') return words.listOf(items === null ? words.any : itemText(items, scope));
    return type === 'string' && typeof schema.format === 'string' ? `${type} (${schema.format})` : type;
  });
  return names.length === 0 ? (schema.oneOf || schema.anyOf || schema.enum ? '' : words.any) : names.join(words.or);
}

function itemText(items: Schema, scope: Scope): string {
  const item = resolved(items, scope);
  return item.repeats ? words.repeats : typeText(item.schema, item.scope);
}

/** What a value must be beside its type, in words. */
export function limitsOf(schema: Schema): string[] {
  const { minLength, maxLength, minItems, maxItems } = schema;
  const found: (string | false)[] = [
    schema.const !== undefined && words.constant(short(schema.const)),
    Array.isArray(schema.enum) && words.oneOf(schema.enum.map(short).join(', ')),
    ...numbersOf(schema),
    (minLength !== undefined || maxLength !== undefined) && words.characters(minLength, maxLength),
    (minItems !== undefined || maxItems !== undefined) && words.items(minItems, maxItems),
    typeof schema.pattern === 'string' && words.pattern(schema.pattern),
    schema.default !== undefined && words.by(short(schema.default)),
    Array.isArray(schema.examples) && schema.examples.length > 0 && words.example(short(schema.examples[0])),
  ];
  return found.filter((text) => text !== false);
}

function numbersOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): (string | false)[] {
  return [
    isNumber(minimum) && words.atLeast(minimum),
    isNumber(exclusiveMinimum) && words.above(exclusiveMinimum),
    isNumber(maximum) && words.atMost(maximum),
    isNumber(exclusiveMaximum) && words.below(exclusiveMaximum),
  ];
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
