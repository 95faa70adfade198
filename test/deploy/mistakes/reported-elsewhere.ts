import { inSettings, mistakesIn, type Mistake } from './mistake.js';

const buildspec = mistakesIn('buildspec');
const dockerfile = mistakesIn('dockerfile');
const compose = mistakesIn('compose');
const packageJson = mistakesIn('packageJson');
const settings = (name: string, path: string, value: unknown, says: string): Mistake => ({
  name: `settings: ${name}`,
  plant: inSettings(path.split('.'), value),
  file: path.startsWith('sizes.') ? 'sizes' : 'settings',
  on: path.split('.').at(-1)!,
  says,
});

/** The same for what surrounds them, and the second list. */
export const REPORTED_ELSEWHERE: readonly Mistake[] = [
  compose(
    'a port of the database for everybody',
    '  mysql:\n    image',
    "  mysql:\n    ports: ['3306:3306']\n    image",
    '3306:3306',
    'everybody in the network',
  ),
  compose(
    'an emulator for itself alone',
    "      HOST: 0.0.0.0\n      PORT: '4566'",
    "      HOST: 127.0.0.1\n      PORT: '4566'",
    'HOST',
    'listen on 0.0.0.0',
  ),
  compose(
    'another port of the app',
    '  AWS_REGION: us-east-1',
    "  AWS_REGION: us-east-1\n  PORT: '8080'",
    'ports',
    'publish the port 8080',
  ),
  compose('another folder', '  build: .\n', '  build: ./app\n', 'build', 'build from the root'),
  compose(
    'memory for no heap',
    'stop_grace_period: 2m\n    mem_limit: 512m',
    'stop_grace_period: 2m\n    mem_limit: 64m',
    'mem_limit',
    'make mem_limit',
  ),
  compose('a network of its own', '\nvolumes:\n', '\nnetworks: { back: {} }\nvolumes:\n', 'networks', 'remove networks'),
  compose(
    'a short secret',
    'JWT_SECRET: laptop-only-laptop-only-laptop-only',
    'JWT_SECRET: laptop',
    'JWT_SECRET',
    'too short for production',
  ),
  buildspec('echo for printf', "printf '{", "echo '{", 'echo', 'write {"ImageURI"'),
  dockerfile('sources at another place', 'COPY src ./src', 'COPY src ./source', 'COPY src', 'copy src to ./src'),
  dockerfile('a build that may fail', 'RUN npm run build', 'RUN npm run build || true', 'npm run build', 'let RUN fail'),
  compose('another port of the cache', 'redis://redis:6379', 'redis://redis:6380', 'REDIS_URL', 'name the port 6379'),
  compose('the database for the cache', 'redis://redis:6379', 'redis://mysql:6379', 'REDIS_URL', 'name the cache'),
  compose(
    'another mode',
    '  AWS_REGION: us-east-1',
    '  AWS_REGION: us-east-1\n  NODE_ENV: development',
    'NODE_ENV',
    'make NODE_ENV production',
  ),
  compose(
    'half of the service',
    '  AWS_REGION: us-east-1',
    '  AWS_REGION: us-east-1\n  ROLES: api',
    'ROLES',
    'make ROLES api,worker',
  ),
  packageJson(
    'a start by the framework',
    'node --max-semi-space-size=8 dist/main.js',
    'nest start',
    '"start"',
    'let start run dist/main.js',
  ),
  packageJson('a caret for Node', '">=24.0.0"', '"^24.0.0"', '"node"', 'the oldest version that is supported'),
  settings('days that CloudWatch does not offer', 'logs.retentionDays', 45, 'make retentionDays one of'),
  settings('one port for two listeners', 'loadBalancer.https.test', 443, 'another port than 443'),
  settings('one name for two target groups', 'namesInFiles.green', '${NAME}-blue', 'another name than blue'),
  settings('a long name of a target group', 'namesInFiles.blue', '${NAME}-targets-blue', 'at most 32 characters'),
  settings('backups that RDS does not keep', 'sizes.large.database.backupDays', 60, 'from 1 to 35'),
  settings('scaling that never comes', 'sizes.small.scaling.cpuPercent', 100, 'from 20 to 90'),
  settings('no way out of the network', 'sizes.small.natGateways', 0, 'from 1 to 3'),
  settings('the secret of another variable', 'secrets.REDIS_URL', '${DATABASE_URL_SECRET_ARN}', 'let REDIS_URL come from'),
  settings('another program to migrate', 'container.migrateCommand', ['dist/migrate.js'], 'name a command of'),
];
