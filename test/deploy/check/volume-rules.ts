import type { Context } from './context.js';

/** Each volume once, each mounted once: what comes second hides the first, or is a place that nobody knows. */
export function checkVolumes({ taskdef, container, containerPath, tell }: Context): void {
  const repeats = (names: readonly string[]) => names.flatMap((name, index) => (names.indexOf(name) < index ? [index] : []));
  for (const index of repeats(taskdef.volumes.map(({ name }) => name)))
    tell('taskdef', ['volumes', index], `remove one of the two volumes "${taskdef.volumes[index]!.name}"`);
  for (const index of repeats(container.mountPoints.map(({ sourceVolume }) => sourceVolume)))
    tell(
      'taskdef',
      [...containerPath, 'mountPoints', index],
      `mount the volume "${container.mountPoints[index]!.sourceVolume}" once: the settings know one place for each`,
    );
  for (const index of repeats(container.mountPoints.map(({ containerPath: place }) => place)))
    tell(
      'taskdef',
      [...containerPath, 'mountPoints', index],
      `mount one volume at ${container.mountPoints[index]!.containerPath}: the second covers the first`,
    );
}
