import type { Context } from '../context.js';
import { FILES } from '../project.js';
import type { Service } from './compose-grammar.js';

const MYSQL = 'mysql';
const CACHES = ['redis', 'valkey/valkey'];

/** Our image from our Dockerfile, and the other parts in the versions that production has. */
export function checkImage(context: Context, name: string, service: Service): void {
  const { project, tell } = context;
  const path = ['services', name, 'image'];
  const given = service.image ?? '';
  if (service.build !== undefined) return checkOwn(context, name, service);
  const [repository = '', tag = ''] = given.split(':');
  if (!/^\d/.test(tag))
    return tell(
      'compose',
      path,
      `name a version: ${given || 'no image'} moves without a commit, and may be one that nothing was tested with`,
    );
  checkServer(repository, service, (message) => tell('compose', ['services', name, 'command'], message));
  if (repository === MYSQL) {
    const [, major, minor] = /MysqlEngineVersion\.VER_(\d+)_(\d+)/.exec(project.texts.database) ?? [];
    if (tag.split('.').slice(0, 2).join('.') !== `${major}.${minor}`)
      tell(
        'compose',
        path,
        `make it ${MYSQL}:${major}.${minor}, the version of the database in ${FILES.database}: what is tested here must be what production has; it is ${given}`,
      );
  } else if (CACHES.includes(repository)) checkCache(project.texts.cache, given, (message) => tell('compose', path, message));
  else if (neededBy(context, 'app').has(name))
    tell(
      'compose',
      path,
      `take mysql, redis or valkey/valkey for ${given}, or let app not depend on it: production has no other part`,
    );
}

/** Commands of our image are those of dist/cli.js. */
function checkCommand({ project, tell }: Context, name: string, { command, build }: Service): void {
  if (typeof build !== 'string') return;
  if (!command) {
    if (name !== 'app')
      tell('compose', ['services', name], `give ${name} a command: without one the image starts the service itself`);
    return;
  }
  const [program, verb = ''] = command;
  const known = new RegExp(String.raw`^ {2}'?${verb.replace(/[^\w-]/g, '')}'?: `, 'm').test(project.texts.commands);
  if (program !== 'dist/cli.js' || verb === '' || !known)
    tell(
      'compose',
      ['services', name, 'command'],
      `run a command of ${FILES.commands}, dist/cli.js and its name: it is ${command.join(' ')}`,
    );
}

function checkOwn(context: Context, name: string, service: Service): void {
  const { compose, image, tell } = context;
  const { build, image: given = '' } = service;
  checkCommand(context, name, service);
  const path = ['services', name, 'image'];
  const folder = typeof build === 'string' ? build : build?.context;
  if (folder !== '.')
    tell(
      'compose',
      ['services', name, 'build'],
      `build from the root, ".": ${FILES.dockerfile} and ${FILES.dockerignore} are there; it is ${folder}`,
    );
  const target = typeof build === 'string' ? undefined : build?.target;
  if (target !== undefined && !image.stages.some((stage) => stage.name === target))
    tell('compose', ['services', name, 'build'], `build a stage of ${FILES.dockerfile}: it has no ${target}`);
  const own = compose.services['app']?.image;
  if (target === undefined && given !== own)
    tell(
      'compose',
      path,
      `make the image ${own ?? 'the one of app'}: all services that are built without a target run the same one; it is ${given || 'missing'}`,
    );
  if (target !== undefined && given === own)
    tell('compose', path, `give the stage ${target} an image name of its own: it would replace that of the service`);
}

/** What a part is started with instead of its own command. */
function checkServer(repository: string, { command }: Service, told: (message: string) => void): void {
  const server = { mysql: 'mysqld', redis: 'redis-server', 'valkey/valkey': 'valkey-server' }[repository];
  // An option alone is taken too: the images' entry points put the server before it.
  if (command && server && command[0] !== server && !command[0]!.startsWith('-'))
    told(`begin the command with ${server}: it is ${command[0]}`);
}

/** Versions of Valkey with the commands of Redis 7. */
const AS_REDIS_7 = ['7', '8'];

/** Valkey 8 answers as Redis 7.2 does, from which it was forked; Redis 8 has another licence and other commands. */
function checkCache(source: string, given: string, told: (message: string) => void): void {
  const [, major = ''] = /engineVersion: '(\d+)/.exec(source) ?? [];
  const same = [...(AS_REDIS_7.includes(major) ? ['redis:7'] : []), `valkey/valkey:${major}`];
  if (!new RegExp(`^(${same.join('|')})(\\D|$)`).test(given))
    told(`make it ${same.join(' or ')}, which is what ${FILES.cache} has or answers as that does: it is ${given}`);
}

/** What the build starts with a service: itself, and all on which it depends. */
function neededBy({ compose }: Context, name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found;
  found.add(name);
  for (const other of Object.keys(compose.services[name]?.depends_on ?? {})) neededBy({ compose } as Context, other, found);
  return found;
}

/** infra/pipeline/compose.yml only changes where images come from, not which. */
export function checkOverride(context: Context): void {
  const { compose, buildCompose, tell } = context;
  const started = neededBy(context, 'app');
  for (const [name, { image }] of Object.entries(buildCompose.services)) {
    const path = ['services', name];
    const usual = compose.services[name];
    if (!usual) tell('buildCompose', path, `override a service of ${FILES.compose}: it has no ${name}`);
    else if (image !== `\${PUBLIC_IMAGES}/${usual.image}`)
      tell(
        'buildCompose',
        [...path, 'image'],
        `write \${PUBLIC_IMAGES}/${usual.image}: use an image of ${FILES.compose}, and the registry that ${FILES.buildspec} names`,
      );
  }
  for (const [name, { build, image }] of Object.entries(compose.services)) {
    if (build === undefined && started.has(name) && !buildCompose.services[name])
      tell(
        'buildCompose',
        ['services'],
        `add ${name} with image: \${PUBLIC_IMAGES}/${image}: it would come from Docker Hub, whose pulls are counted`,
      );
  }
}
