import { setNetworkDefaults } from './config/network-defaults.js';
import { errorText } from './observability/error-text.js';

/** A command did not do its work. Its text is printed as it is. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/** The command line is wrong. */
export class Misuse extends CommandError {
  constructor(message: string) {
    super(message, 2);
  }
}

/** Runs one command. If it failed, ends the process with the exit code of its CommandError, or with 1 after any other error. */
export async function runToEnd(command: () => Promise<void> | void): Promise<void> {
  setNetworkDefaults();
  try {
    await command();
  } catch (error) {
    const known = error instanceof CommandError ? error : null;
    console.error(known?.message ?? errorText(error));
    process.exit(known?.exitCode ?? 1);
  }
}

/** The port that a command listens on, or asks. */
export function portOf(environment: NodeJS.ProcessEnv, defaultPort: number): number {
  const port = Number(environment.PORT || defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Misuse('PORT must be a whole number from 0 to 65535.');
  return port;
}
