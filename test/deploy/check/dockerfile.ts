/** One instruction: its name in capitals, the rest on one line, and the line on which it begins. */
export interface Instruction {
  name: string;
  rest: string;
  line: number;
}

/** From one FROM to the next. */
export interface Stage {
  /** What is behind AS; empty if nothing is. */
  name: string;
  /** An image, or the name of a stage above. */
  base: string;
  line: number;
  /** With FROM, in order. */
  instructions: readonly Instruction[];
}

/** What the last stage of a Dockerfile says about the container that runs, and all of its stages. */
export interface Image {
  ports: string[];
  user: string | undefined;
  volumes: string[];
  entrypoint: string[] | undefined;
  command: string[] | undefined;
  environment: Readonly<Record<string, string>>;
  /** The base images of all stages, without those that are stages themselves, and without the empty one. */
  bases: string[];
  stages: readonly Stage[];
  final: Stage;
  /** The line of an instruction's last occurrence in the last stage, or of the last FROM. */
  lineOf(instruction: string): number;
}

/** Reads a Dockerfile's instructions as far as a deployment depends on them. */
export function readDockerfile(text: string): Image {
  const stages = stagesOf(instructionsOf(text));
  const final = stages.at(-1) ?? { name: '', base: '', line: 1, instructions: [] };
  const last = (name: string) => final.instructions.findLast((instruction) => instruction.name === name);
  const every = (name: string) =>
    final.instructions.filter((instruction) => instruction.name === name).flatMap(({ rest }) => wordsOf(rest));
  return {
    ports: every('EXPOSE'),
    user: last('USER')?.rest,
    volumes: every('VOLUME'),
    entrypoint: jsonOf(last('ENTRYPOINT')?.rest),
    command: jsonOf(last('CMD')?.rest),
    environment: environmentOf(final),
    bases: basesOf(stages),
    stages,
    final,
    lineOf: (instruction) => (last(instruction) ?? final).line,
  };
}

/** NAME=value pairs, or the old form with a space. */
function environmentOf({ instructions }: Stage): Record<string, string> {
  const pairs = instructions
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ rest }) =>
      /^\w+\s/.test(rest)
        ? [rest.split(/\s+(.*)/s).slice(0, 2)]
        : [...rest.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S*)/g)].map(([, name, value = '']) => [
            name,
            value.replace(/^["'](.*)["']$/, '$1'),
          ]),
    );
  return Object.fromEntries(pairs) as Record<string, string>;
}

function instructionsOf(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let continued: Instruction | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const open = line.endsWith('\\');
    const body = open ? line.slice(0, -1).trim() : line;
    if (continued) continued.rest += ` ${body}`;
    else {
      const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(body) ?? [];
      instructions.push({ name: name.toUpperCase(), rest, line: index + 1 });
    }
    continued = open ? (continued ?? instructions.at(-1)) : undefined;
  }
  return instructions;
}

function stagesOf(instructions: readonly Instruction[]): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') {
      const [base = '', , name = ''] = instruction.rest.split(/\s+/).filter((word) => !word.startsWith('--'));
      stages.push({ name, base, line: instruction.line, instructions: [] });
    }
    stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function basesOf(stages: readonly Stage[]): string[] {
  const names = new Set(['scratch', ...stages.map(({ name }) => name)]);
  return [...new Set(stages.map(({ base }) => base).filter((base) => !names.has(base)))];
}

function wordsOf(rest: string): string[] {
  return jsonOf(rest) ?? rest.split(/\s+/);
}

/** The exec form; undefined for the shell form. */
export function jsonOf(rest: string | undefined): string[] | undefined {
  if (!rest?.startsWith('[')) return undefined;
  try {
    return JSON.parse(rest) as string[];
  } catch {
    return undefined;
  }
}
