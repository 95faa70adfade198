/** What a task definition says of its container that a plain process has no use for. */
export interface ContainerSettings {
  entryPoint: string[] | null;
  user: string | null;
  workingDirectory: string | null;
  readonlyRoot: boolean;
  /** Whether a small init is process 1: it hands signals on, and reaps processes. */
  init: boolean;
  /** Empty volumes, by the path at which the container has them. */
  volumes: { path: string; readonly: boolean }[];
  tmpfs: { path: string; sizeMiB: number; options: string[] }[];
  capabilities: { add: string[]; drop: string[] };
  ulimits: { name: string; soft: number; hard: number }[];
  /** The most that it gets, its own or its task's. */
  memoryMiB: number | null;
}

/** Of a container about which nothing is said. */
export const USUAL_SETTINGS: ContainerSettings = settingsOf({ containerDefinitions: [{}] });

interface Tmpfs {
  containerPath: string;
  size: number;
  mountOptions?: string[];
}

/** Of what RegisterTaskDefinition takes, the part that is read here. */
interface Registered {
  memory?: string | number;
  containerDefinitions: {
    entryPoint?: string[];
    user?: string;
    workingDirectory?: string;
    readonlyRootFilesystem?: boolean;
    mountPoints?: { containerPath?: string; readOnly?: boolean }[];
    linuxParameters?: {
      initProcessEnabled?: boolean;
      tmpfs?: Tmpfs[];
      capabilities?: { add?: string[]; drop?: string[] };
    };
    ulimits?: { name: string; softLimit: number; hardLimit: number }[];
    memory?: number;
  }[];
}

/**
 * Reads the settings of the first container of a task definition, as RegisterTaskDefinition takes it.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
 * Every volume is an empty one: the rehearsal has no EFS.
 */
export function settingsOf({ memory, containerDefinitions }: Registered): ContainerSettings {
  const [app = {}] = containerDefinitions;
  const { initProcessEnabled = false, tmpfs = [], capabilities = {} } = app.linuxParameters ?? {};
  return {
    entryPoint: app.entryPoint ?? null,
    user: app.user ?? null,
    workingDirectory: app.workingDirectory ?? null,
    readonlyRoot: app.readonlyRootFilesystem ?? false,
    init: initProcessEnabled,
    volumes: (app.mountPoints ?? []).map(({ containerPath = '', readOnly = false }) => ({
      path: containerPath,
      readonly: readOnly,
    })),
    tmpfs: tmpfs.map(({ containerPath, size, mountOptions = [] }) => ({
      path: containerPath,
      sizeMiB: size,
      options: mountOptions,
    })),
    capabilities: { add: capabilities.add ?? [], drop: capabilities.drop ?? [] },
    ulimits: (app.ulimits ?? []).map(({ name, softLimit, hardLimit }) => ({ name, soft: softLimit, hard: hardLimit })),
    memoryMiB: mebibytes(app.memory ?? memory),
  };
}

/** `2048`, `"2048"`, `"2 GB"`: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html */
function mebibytes(given: string | number | undefined): number | null {
  const [, amount, unit] = /^([\d.]+)\s*(GB)?$/i.exec(String(given ?? '')) ?? [];
  return amount ? Number(amount) * (unit ? 1_024 : 1) : null;
}
