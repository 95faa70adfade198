import type { Context } from './context.js';
import { FILES } from './project.js';
import { lineOf } from './text.js';

/** The container: the same in taskdef.json, settings, Dockerfile and the application. */
export function checkContainer(context: Context): void {
  checkTask(context);
  checkPorts(context);
  checkHealth(context);
  checkStop(context);
  checkRights(context);
  checkWritable(context);
  checkImage(context);
}

function checkTask({ taskdef, container, containerPath, settings, settingsAt, tell }: Context): void {
  const { cpuArchitecture, operatingSystem } = settings.container;
  const { family } = settings.namesInFiles;
  if (taskdef.family !== family)
    tell('taskdef', ['family'], `make the family "${family}", as ${settingsAt('namesOf', 'family')} does`);
  if (taskdef.runtimePlatform.cpuArchitecture !== cpuArchitecture) {
    const at = settingsAt('container', 'cpuArchitecture');
    tell(
      'taskdef',
      ['runtimePlatform', 'cpuArchitecture'],
      `make it ${cpuArchitecture}, as ${at} does: the image is built for that`,
    );
  }
  if (taskdef.runtimePlatform.operatingSystemFamily !== operatingSystem)
    tell('taskdef', ['runtimePlatform', 'operatingSystemFamily'], `make it ${operatingSystem}`);
  if (!container.essential)
    tell('taskdef', [...containerPath, 'essential'], 'make the container essential: without it a task with a dead app goes on');
}

function checkPorts({
  container,
  containerPath,
  appspec,
  image,
  settings,
  settingsAt,
  tell,
  tellLine,
  tellSettings,
}: Context): void {
  const { name, port } = settings.container;
  const at = settingsAt('container', 'port');
  const mapping = container.portMappings.findIndex(({ containerPort }) => containerPort === port);
  if (mapping < 0) tell('taskdef', [...containerPath, 'portMappings', 0, 'containerPort'], `map the port ${port}, as ${at} says`);
  for (const [index, { containerPort, hostPort }] of container.portMappings.entries()) {
    if (hostPort !== undefined && hostPort !== containerPort)
      tell(
        'taskdef',
        [...containerPath, 'portMappings', index, 'hostPort'],
        `remove hostPort: on Fargate it is ${containerPort} or nothing`,
      );
  }
  const balanced = ['Resources', 0, 'TargetService', 'Properties', 'LoadBalancerInfo'];
  const { ContainerName, ContainerPort } = appspec.Resources[0]!.TargetService.Properties.LoadBalancerInfo;
  if (ContainerName !== name)
    tell('appspec', [...balanced, 'ContainerName'], `write ${name}, the name of the container in ${FILES.taskdef}`);
  if (ContainerPort !== port)
    tell('appspec', [...balanced, 'ContainerPort'], `write ${port}, the container's port, as ${at} has it`);
  if (!image.ports.some((exposed) => Number.parseInt(exposed, 10) === port))
    tellLine('dockerfile', image.lineOf('EXPOSE'), `EXPOSE ${port}, the port of ${at}`);
  if (settings.targetGroup.port !== port) tellSettings(['targetGroup', 'port'], `make the target groups' port ${port}`);
}

function checkHealth({ container, containerPath, facts, settings, settingsAt, tell, tellSettings }: Context): void {
  for (const [name, path] of Object.entries(settings.health)) {
    if (facts.healthRoutes.includes(path)) continue;
    const known = facts.healthRoutes.join(', ');
    tellSettings(['health', name], `${path} is no route of ${FILES.health}: write one of ${known}`);
  }
  if (settings.targetGroup.path !== settings.health.ready)
    tellSettings(
      ['targetGroup', 'path'],
      `let the target groups ask ${settings.health.ready}: other paths fail when a shared part is away`,
    );
  const { healthCheck } = container;
  if (!healthCheck) return tell('taskdef', containerPath, `add a healthCheck that asks ${settings.health.live}`);
  const path = [...containerPath, 'healthCheck'];
  const [kind, ...command] = healthCheck.command;
  if (kind !== 'CMD') tell('taskdef', [...path, 'command'], 'begin with "CMD": the image may have no shell');
  if (JSON.stringify(command.slice(0, 3)) !== '["node","dist/cli.js","healthcheck"]')
    return tell(
      'taskdef',
      [...path, 'command'],
      'run node dist/cli.js healthcheck, each word by itself in the list: the image has no other program that asks',
    );
  const asked = command[3] ?? `http://127.0.0.1:${facts.usualHealthPort}${facts.usualHealthPath}`;
  const { live } = settings.health;
  const wanted = `http://127.0.0.1:${settings.container.port}${live}`;
  if (asked !== wanted)
    tell(
      'taskdef',
      [...path, 'command'],
      `ask ${wanted} (${settingsAt('health', 'live')}): other paths would replace tasks for a database's fault; it asks ${asked}`,
    );
  if (healthCheck.timeout >= healthCheck.interval)
    tell('taskdef', [...path, 'timeout'], `make timeout smaller than the interval, ${healthCheck.interval} s`);
}

function checkStop({ container, containerPath, settings, settingsAt, tell }: Context): void {
  const { stopTimeout } = settings.container;
  if (container.stopTimeout !== stopTimeout)
    tell(
      'taskdef',
      [...containerPath, 'stopTimeout'],
      `make it ${stopTimeout}, as ${settingsAt('container', 'stopTimeout')} does`,
    );
  if (!container.linuxParameters.initProcessEnabled)
    tell(
      'taskdef',
      [...containerPath, 'linuxParameters', 'initProcessEnabled'],
      'make it true: something must reap what ECS Exec leaves behind',
    );
}

function checkRights({ container, containerPath, image, tell, tellLine }: Context): void {
  const path = [...containerPath, 'linuxParameters', 'capabilities'];
  if (!container.linuxParameters.capabilities.drop.includes('ALL'))
    tell('taskdef', [...path, 'drop'], 'drop ALL: the app needs none');
  if (container.linuxParameters.capabilities.add.length > 0)
    tell('taskdef', [...path, 'add'], 'remove it: the app needs no capability, and Fargate adds no capability but SYS_PTRACE');
  if (!container.readonlyRootFilesystem)
    tell(
      'taskdef',
      [...containerPath, 'readonlyRootFilesystem'],
      'make it true: what is broken into must not be able to change itself',
    );
  if (!image.user || ['root', '0'].includes(image.user.split(':')[0]!))
    tellLine('dockerfile', image.lineOf('USER'), 'name a USER other than root for the last stage');
}

function checkWritable({ taskdef, container, containerPath, image, settings, settingsAt, tell, tellLine }: Context): void {
  const mounted = new Map(container.mountPoints.map((mount) => [mount.sourceVolume, mount]));
  const declared = new Set(taskdef.volumes.map(({ name }) => name));
  for (const [name, path] of Object.entries(settings.writable)) {
    const mount = mounted.get(name);
    const at = settingsAt('writable', name);
    if (!declared.has(name)) tell('taskdef', ['volumes'], `declare the volume { "name": "${name}" }, as ${at} does`);
    if (mount?.containerPath !== path || mount.readOnly)
      tell('taskdef', [...containerPath, 'mountPoints'], `mount the volume "${name}" at ${path}, writable, as ${at} does`);
  }
  for (const [index, { name, host }] of taskdef.volumes.entries()) {
    if (!mounted.has(name)) tell('taskdef', ['volumes', index], `remove the volume "${name}" or mount it: nothing does`);
    if (host !== undefined) tell('taskdef', ['volumes', index, 'host'], 'remove host: on Fargate no host has paths of yours');
  }
  for (const [index, { sourceVolume }] of container.mountPoints.entries()) {
    const path = [...containerPath, 'mountPoints', index, 'sourceVolume'];
    if (!declared.has(sourceVolume)) tell('taskdef', path, `declare the volume "${sourceVolume}": volumes has none of that name`);
    else if (!Object.hasOwn(settings.writable, sourceVolume))
      tell('taskdef', path, `add "${sourceVolume}" to writable in ${FILES.settings}`);
  }
  // Fargate's empty volumes belong to root, unless the image says that the folder is a volume: then they get its owner and mode.
  if (image.user && !image.volumes.includes(settings.writable.tmp))
    tellLine(
      'dockerfile',
      image.lineOf('USER'),
      `add VOLUME ${settings.writable.tmp}: else ${image.user} can't write there on Fargate`,
    );
}

function checkImage({
  project,
  container,
  containerPath,
  image,
  settings,
  settingsAt,
  tell,
  tellLine,
  tellSettings,
}: Context): void {
  const wanted = `<${settings.pipeline.imagePlaceholder}>`;
  if (container.image !== wanted) {
    const at = settingsAt('pipeline', 'imagePlaceholder');
    tell(
      'taskdef',
      [...containerPath, 'image'],
      `write ${wanted}, which the deploy action (${at}) fills in with a digest: it is ${container.image}`,
    );
  }
  if (image.environment['NODE_ENV'] !== 'production') tellLine('dockerfile', image.lineOf('ENV'), 'set ENV NODE_ENV=production');
  if (image.entrypoint?.[0] !== 'node')
    tellLine(
      'dockerfile',
      image.lineOf('ENTRYPOINT'),
      'write ENTRYPOINT ["node", …]: a shell or npm in between keeps SIGTERM from the app',
    );
  const [program, command] = settings.container.migrateCommand;
  const known = new RegExp(String.raw`^ {2}'?${command}'?: `, 'm').test(project.texts.commands);
  if (program !== 'dist/cli.js' || !known)
    tellSettings(
      ['container', 'migrateCommand'],
      `name a command of ${FILES.commands}:${lineOf(project.texts.commands, 'const COMMANDS')}`,
    );
}
