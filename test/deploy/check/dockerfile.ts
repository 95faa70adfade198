/** What the last stage of a Dockerfile says about the container that runs. */
export interface Image {
  ports: number[];
  user: string | undefined;
  volumes: string[];
  entrypoint: string[] | undefined;
  command: string[] | undefined;
  environment: Readonly<Record<string, string>>;
  /** The base images of all stages, without those that are stages themselves. */
  bases: string[];
  /** The line of an instruction's last occurrence, or of the last FROM. */
  lineOf(instruction: string): number;
}

interface Instruction {
  name: string;
  rest: string;
  line: number;
}

/** Reads a Dockerfile's instructions as far as a deployment depends on them. */
export function readDockerfile(text: string): Image {
  const all = instructionsOf(text);
  const start = all.findLastIndex(({ name }) => name === 'FROM');
  const stage = all.slice(Math.max(start, 0));
  const last = (name: string) => stage.findLast((instruction) => instruction.name === name);
  const every = (name: string) => stage.filter((instruction) => instruction.name === name).flatMap(({ rest }) => wordsOf(rest));
  return {
    ports: every('EXPOSE').map((port) => Number.parseInt(port, 10)),
    user: last('USER')?.rest,
    volumes: every('VOLUME'),
    entrypoint: jsonOf(last('ENTRYPOINT')?.rest),
    command: jsonOf(last('CMD')?.rest),
    environment: Object.fromEntries(every('ENV').map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string])),
    bases: basesOf(all),
    lineOf: (instruction) => (last(instruction) ?? stage[0])?.line ?? 1,
  };
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

function basesOf(instructions: readonly Instruction[]): string[] {
  const stages = new Set<string>();
  const bases = new Set<string>();
  for (const { name, rest } of instructions) {
    if (name !== 'FROM') continue;
    const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
    if (!stages.has(words[0]!)) bases.add(words[0]!);
    if (words[2]) stages.add(words[2]);
  }
  return [...bases];
}

function wordsOf(rest: string): string[] {
  return jsonOf(rest) ?? rest.split(/\s+/);
}

/** The exec form; undefined for the shell form. */
function jsonOf(rest: string | undefined): string[] | undefined {
  return rest?.startsWith('[') ? (JSON.parse(rest) as string[]) : undefined;
}
