import type { Context } from '../context.js';
import type { Image, Stage } from '../dockerfile.js';

/** What the last stage copies of the stage that is the system of the image: all of it. */
export const SYSTEM = '/';

/** Who could install something in a running container; the base image brings them. */
const MANAGERS: readonly { name: string; removed: RegExp }[] = [
  { name: 'npm', removed: /\brm -rf .*\/usr\/local\/lib\/node_modules(?= |$)/ },
  { name: 'npx', removed: /\brm -rf .*\/usr\/local\/bin\/npx(?= |$)/ },
  { name: 'corepack', removed: /\brm -rf .*\/usr\/local\/bin\/corepack(?= |$)/ },
  { name: 'yarn', removed: /\brm -rf .*\/opt\/yarn/ },
  { name: 'apt', removed: /\bdpkg --purge .*\bapt(?=[ )]|$)/ },
  { name: 'dpkg', removed: /\bdpkg --purge .* dpkg(?=[ )]|$)/ },
];

/** The stage whose file system the image begins with; undefined if the last stage takes none. */
export function systemOf({ stages, final }: Image): Stage | undefined {
  for (const { name, rest } of final.instructions) {
    const [, from] = name === 'COPY' ? (/^--from=(\S+) \/ \/$/.exec(rest) ?? []) : [];
    if (from) return stages.find((stage) => stage.name === from);
  }
  return undefined;
}

/**
 * The image is one copy of the base image without its package managers. What a stage deletes stays in the layers below it, so the last
 * stage starts from nothing.
 */
export function checkSystem({ image, tellLine }: Context): void {
  const { final } = image;
  const told = (line: number, message: string) => tellLine('dockerfile', line, message);
  const brought = image.bases.includes(final.base)
    ? 'the base image brings its package managers'
    : 'the stage "' + final.base + '" brings what it was built with';
  if (final.base !== 'scratch')
    return told(final.line, `start the last stage from scratch, with COPY --from=system / /: ${brought}`);
  const system = systemOf(image);
  if (!system) return told(final.line, 'COPY --from=system / / in the last stage: without it there is no Node in the image');
  if (!image.bases.includes(system.base))
    return told(
      system.line,
      `start the stage "${system.name}" from ${image.bases[0] ?? 'the base image'}: "${system.base}" brings what it was built with`,
    );
  const runs = system.instructions.filter(({ name }) => name === 'RUN');
  const commands = runs.flatMap(({ rest }) => rest.split(/ && /));
  for (const { name, removed } of MANAGERS) {
    if (!commands.some((command) => removed.test(command)))
      told(runs[0]?.line ?? system.line, `remove ${name} in the stage "${system.name}": it is a tool for whoever breaks in`);
  }
  if (commands.some((command) => /\brm -rf .*\/var\/lib\/dpkg(?= |\/status|\/? |$)/.test(command)))
    told(
      runs[0]!.line,
      'keep /var/lib/dpkg/status: the image scan reads there which packages are installed, and would find nothing',
    );
}
