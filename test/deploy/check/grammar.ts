import { z } from 'zod';
import type { Fault } from './fault.js';
import type { Source } from './source.js';
import { nameOf } from './taskdef-model.js';

/** Reports everything in which `source` breaks `schema`, with its line; answers the value if nothing does. */
export function conform<Schema extends z.ZodType>(schema: Schema, source: Source, faults: Fault[]): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(source.value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) faults.push(...faultsOf(issue, source));
  return undefined;
}

function faultsOf(issue: z.core.$ZodIssue, source: Source): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      file: source.file,
      line: source.lineAt([...issue.path, key]),
      message: `remove or rename "${key}": ${nameOf(issue.path)} knows no such key`,
    }));
  }
  return [{ file: source.file, line: source.lineAt(issue.path), message: `correct ${nameOf(issue.path)}: ${issue.message}` }];
}
