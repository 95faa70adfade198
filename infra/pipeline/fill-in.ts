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
        (name) =>
          `${file}:${index + 1} set the variable ${name} of the migrate project: nothing can be filled in for \${${name}}`,
      ),
  );
  if (lacking.length > 0) throw new Error(lacking.join('\n'));
  // Values go into JSON strings: what is special there is escaped.
  return text.replaceAll(PLACEHOLDER, (_all, name: string) => JSON.stringify(variables[name]).slice(1, -1));
}

/** Adds variables to the containers of a task definition, or gives others to those that it has. `extra`: an object in JSON. */
export function withEnvironment(file: string, taskDefinition: string, extra: string | undefined): string {
  const more = Object.entries(textsIn(extra || '{}'));
  const parsed = parsedOf(file, taskDefinition) as {
    containerDefinitions?: { environment?: { name: string; value: string }[] }[];
  };
  if (more.length === 0) return taskDefinition;
  if (!Array.isArray(parsed.containerDefinitions))
    throw new Error(`${file} has no containerDefinitions, to which the variables of EXTRA_ENVIRONMENT could be added.`);
  for (const container of parsed.containerDefinitions) {
    const others = (container.environment ?? []).filter(({ name }) => !more.some(([given]) => given === name));
    container.environment = [...others, ...more.map(([name, value]) => ({ name, value }))];
  }
  return `${JSON.stringify(parsed, null, 2)}\n`;
}

/** ECS takes no value that is not a text, and would say so only when the task definition is registered. */
function textsIn(extra: string): Record<string, string> {
  const parsed = parsedOf('EXTRA_ENVIRONMENT', extra);
  const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  if (isObject && Object.values(parsed).every((value) => typeof value === 'string')) return parsed as Record<string, string>;
  throw new Error(
    'EXTRA_ENVIRONMENT must be a JSON object of texts, such as {"LOG_LEVEL": "debug"}: correct the option variables in infra/cdk.json.',
  );
}

function parsedOf(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}

function main([from, to]: string[]): void {
  if (!from || !to) throw new Error('Usage: node infra/pipeline/fill-in.ts <file> <filled-in file>');
  const text = fillIn(from, readFileSync(from, 'utf8'), process.env);
  const filled = from.endsWith('.json') ? withEnvironment(from, text, process.env.EXTRA_ENVIRONMENT) : text;
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
