import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** `${NAME}`, as in shells; nothing else is touched, so that CodePipeline finds its own `<NAME>` placeholders as they are. */
const PLACEHOLDER = /\$\{([A-Z][A-Z0-9_]*)\}/g;

/** The names in `text` that are to be filled in, each once. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name]) => name!))];
}

/**
 * Fills every `${NAME}` in with the variable of that name. Throws one error that names each variable which is missing, and where:
 * half a task definition would be registered without complaint and fail only when its tasks start.
 */
export function fillIn(file: string, text: string, variables: NodeJS.ProcessEnv): string {
  const lacking = text.split('\n').flatMap((line, index) =>
    placeholdersOf(line)
      .filter((name) => !variables[name])
      .map(
        (name) => `${file}:${index + 1} set the variable ${name} of the build project: nothing can be filled in for \${${name}}`,
      ),
  );
  if (lacking.length > 0) throw new Error(lacking.join('\n'));
  // Values go into JSON strings: what is special there is escaped.
  return text.replaceAll(PLACEHOLDER, (_all, name: string) => JSON.stringify(variables[name]).slice(1, -1));
}

function main([from, to]: string[]): void {
  if (!from || !to) throw new Error('Usage: node infra/pipeline/fill-in.ts <file> <filled-in file>');
  const filled = fillIn(from, readFileSync(from, 'utf8'), process.env);
  JSON.parse(filled);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, filled);
}

if (import.meta.main) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
