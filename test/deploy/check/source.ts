import { LineCounter, parseDocument, isAlias, isMap, isNode, isPair, isScalar, type Document } from 'yaml';
import type { Fault } from './fault.js';

/** Keys and indexes that lead from the top of a document to one of its values. */
export type Path = readonly PropertyKey[];

/** A JSON or YAML file: its value, and the line on which each part of it stands. */
export interface Source {
  file: string;
  value: unknown;
  /** The line of the value at `path` or, where there is none, of the nearest thing around it. */
  lineAt(path: Path): number;
}

/** Parses JSON and YAML alike (every JSON text is YAML), because both need line numbers; what is wrong goes to `faults`. */
export function openSource(file: string, text: string, faults: Fault[]): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: true });
  for (const error of document.errors) {
    faults.push({ file, line: lines.linePos(error.pos[0]).line, message: `correct the syntax: ${error.message.split('\n')[0]}` });
  }
  if (file.endsWith('.json') && document.errors.length === 0) requireJson(file, text, faults);
  return {
    file,
    value: document.errors.length > 0 ? undefined : document.toJS(),
    lineAt: (path) => lines.linePos(offsetOf(text, document, path)).line,
  };
}

/** YAML allows what CodePipeline's JSON parser does not: comments, single quotes, trailing commas. */
function requireJson(file: string, text: string, faults: Fault[]): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? 0);
    const line = text.slice(0, offset).split('\n').length;
    faults.push({ file, line, message: `correct the syntax, it is no JSON: ${message}` });
  }
}

function offsetOf(text: string, document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const key of path) {
    const inner = childOf(document, node, key);
    if (!inner) break;
    offset = startOf(inner.key) ?? startOf(inner.value) ?? offset;
    node = inner.value;
  }
  // A block begins with its mark, the line before its text.
  return isScalar(node) && node.type?.startsWith('BLOCK_') ? text.indexOf('\n', offset) + 1 : offset;
}

function childOf(document: Document.Parsed, node: unknown, key: PropertyKey): { key?: unknown; value: unknown } | undefined {
  if (isAlias(node)) return childOf(document, node.resolve(document), key);
  if (isMap(node)) {
    const named = (name: string) =>
      node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name);
    const pair = named(String(key));
    if (pair) return { key: pair.key, value: pair.value };
    // What `<<: *name` merges into this map.
    const merged = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.source === '<<');
    return merged && childOf(document, merged.value, key);
  }
  const items = (node as { items?: unknown[] } | null)?.items;
  return typeof key === 'number' && items?.[key] ? { value: items[key] } : undefined;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
