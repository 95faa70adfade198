import { both, inFile, mistakesIn, type Mistake } from './mistake.js';

const compose = mistakesIn('compose');
const override = mistakesIn('buildCompose');

const APP = '  app:\n    <<: *posthorn\n';

const USERS = /MYSQL_DATABASE: posthorn[^]*?MYSQL_ROOT_PASSWORD: laptop-only/;
const MIGRATION = /command: \['dist\/cli.js', 'migrate'\]\n    environment:[^]*?\n    healthcheck/;

/** With these users of the server, and this environment of the migration. */
const withUsers = (name: string, user: string, environment: string, on: string, says: string): Mistake => ({
  ...compose(name, '', '', on, says),
  plant: both(
    inFile(
      'compose',
      USERS,
      `MYSQL_DATABASE: posthorn\n      MYSQL_USER: ${user}\n      MYSQL_PASSWORD: other\n      MYSQL_ROOT_PASSWORD: laptop-only`,
    ),
    inFile('compose', MIGRATION, `command: ['dist/cli.js', 'migrate']\n    environment: ${environment}\n    healthcheck`),
  ),
});
const ADMIN = '{ <<: *environment, DATABASE_ADMIN_URL: mysql://root:laptop-only@mysql:3306 }';
const OTHER = '{ <<: *environment, DATABASE_URL: mysql://posthorn:other@mysql:3306/posthorn } #';

/** A key of the app's service. */
const inApp = (key: string, value: string, says: string) =>
  compose(`${key} of app`, APP, `${APP}    ${key}: ${value}\n`, key, says);

export const COMPOSE_MISTAKES = [
  compose(
    'another database',
    'image: mysql:8.4',
    'image: mysql:9.0',
    'mysql:9.0',
    'the version of the database in infra/lib/database.ts',
  ),
  compose('any database', 'image: mysql:8.4', 'image: mysql:latest', 'mysql:latest', 'name a version'),
  compose('another kind of database', 'image: mysql:8.4', 'image: postgres:17', 'postgres', 'production has no other part'),
  compose('an old cache', 'image: redis:7', 'image: redis:5', 'redis:5', 'make it redis:7'),
  compose('another port', '${POSTHORN_PORT:-3000}:3000', '${POSTHORN_PORT:-3000}:8080', 'ports', 'nothing listens on 8080'),
  compose('a port for everybody', "'127.0.0.1:${POSTHORN_PORT", "'${POSTHORN_PORT", 'ports', 'everybody in the network'),
  compose('a port twice', '${SQS_PORT:-4566}', '${SQS_PORT:-3000}', 'ports', 'publish another port than 3000'),
  compose('a health path that is no route', ':3000/health/ready', ':3000/healthz', '/healthz', 'ask a path of src/health'),
  compose(
    'life taken for readiness',
    ':3000/health/ready',
    ':3000/health/live',
    '/health/live',
    'when the service takes requests',
  ),
  compose(
    'a health check of another port',
    'http://127.0.0.1:3000/health/ready',
    'http://127.0.0.1:8080/health/ready',
    '8080',
    'ask the port 3000',
  ),
  compose(
    'a health check by curl',
    "'CMD', 'node', 'dist/cli.js', 'healthcheck', 'http://127.0.0.1:3000/health/ready'",
    "'CMD', 'curl', '-f', 'http://localhost:3000/health'",
    'curl',
    'the image has no curl',
  ),
  compose('MySQL over its socket', "'--protocol=tcp', '-h127.0.0.1', ", '', 'mysqladmin', 'ask MySQL over TCP'),
  compose(
    'no migration before the app',
    '      migrate: { condition: service_completed_successfully }\n',
    '',
    'depends_on',
    'let app depend on migrate',
  ),
  compose(
    'a migration that is not waited for',
    'service_completed_successfully',
    'service_started',
    'migrate',
    'make the condition service_completed',
  ),
  compose(
    'a database that is not waited for',
    '      mysql: { condition: service_healthy }\n      redis',
    '      redis',
    'depends_on',
    'let app depend on mysql',
  ),
  compose(
    'a list that waits for nothing',
    '    depends_on:\n      mysql: { condition: service_healthy }\n    mem_limit',
    '    depends_on: [mysql]\n    mem_limit',
    'depends_on',
    'waits for nothing',
  ),
  compose('a service that is not there', 'sqs: { condition', 'queue: { condition', 'queue', 'there is no queue'),
  compose(
    'a variable that nobody knows',
    '  REDIS_URL: redis',
    '  CACHE_URL: redis',
    'CACHE_URL',
    'the service reads no such variable',
  ),
  compose(
    'a value that the app refuses',
    '  AWS_REGION: us-east-1',
    "  AWS_REGION: us-east-1\n  HANDOFF: 'yes'",
    'HANDOFF',
    'the app refuses to start',
  ),
  compose(
    'a public address at which nothing is published',
    'PUBLIC_URL: http://localhost:${POSTHORN_PORT:-3000}',
    'PUBLIC_URL: http://app:3000',
    'PUBLIC_URL',
    'where app is published',
  ),
  compose('no public address', /  PUBLIC_URL: .*\n/, '', 'environment', 'PUBLIC_URL is missing and NODE_ENV is production'),
  compose('localhost', 'redis://redis:6379', 'redis://localhost:6379', 'REDIS_URL', 'localhost is the container itself'),
  compose('another database name', 'mysql:3306/posthorn', 'mysql:3306/app', 'DATABASE_URL', 'name the database posthorn'),
  compose(
    "another port of the queue's",
    'SQS_QUEUE_URL: http://sqs:4566',
    'SQS_QUEUE_URL: http://sqs:9324',
    'SQS_QUEUE_URL',
    'name the port 4566',
  ),
  compose('the queue as its own dead-letter queue', '/posthorn-dlq', '/posthorn', 'SQS_DLQ_URL', 'the dead-letter queue of'),
  compose(
    'a boolean',
    '  AWS_REGION: us-east-1',
    '  AWS_REGION: us-east-1\n  MIGRATE_ON_START: false',
    'MIGRATE_ON_START',
    'put quotes around',
  ),
  compose('a writable root', 'read_only: true', 'read_only: false', 'read_only', 'must fail here too'),
  compose(
    'a short time to stop',
    'stop_grace_period: 2m',
    'stop_grace_period: 30s',
    'stop_grace_period',
    'as stopTimeout in taskdef.json',
  ),
  compose('a stage that is not there', 'target: tests', 'target: test', 'build', 'it has no test'),
  compose('a volume that is not declared', "'mysql:/var", "'data:/var", 'data:', 'declare the volume data'),
  compose('a command that is not there', "'queue-emulator'", "'sqs-emulator'", 'command', 'run a command of src/commands.ts'),
  compose('the service for the emulator', "    command: ['dist/cli.js', 'queue-emulator']\n", '', 'sqs', 'give sqs a command'),
  compose('a probe that is always well', "'mysqladmin', 'ping', ", "'true', ", 'true', 'run mysqladmin ping'),
  compose('a time without its unit', 'interval: 2s', "interval: '2'", 'interval', 'must be a time such as'),
  compose('data that is not kept', 'mysql:/var/lib/mysql', 'mysql:/data', 'mysql:/data', 'where MySQL keeps its data'),
  compose('no credentials for the emulator', '  AWS_ACCESS_KEY_ID: laptop-only\n', '', 'environment', 'set AWS_ACCESS_KEY_ID'),
  compose(
    'a migration that is sick',
    'healthcheck: { disable: true }',
    'healthcheck: { disable: false }',
    'healthcheck',
    'disable the healthcheck of migrate',
  ),
  withUsers('a user that nobody makes', 'writer', '*environment', 'DATABASE_URL', 'nobody makes posthorn'),
  withUsers('a user with all rights', 'writer', ADMIN, 'MYSQL_USER', 'remove MYSQL_USER'),
  withUsers('another password', 'posthorn', '*environment', 'DATABASE_URL', 'the password that mysql is made with'),
  withUsers('another database for the migration', 'posthorn', OTHER, 'DATABASE_URL', 'give migrate the DATABASE_URL of app'),
  compose(
    "the administrator's password for the app",
    '  AWS_REGION: us-east-1',
    '  AWS_REGION: us-east-1\n  DATABASE_ADMIN_URL: mysql://root:laptop-only@mysql:3306',
    'DATABASE_ADMIN_URL',
    'the service reads no such variable',
  ),
  {
    ...compose('a migration without its database', '', '', 'environment', 'DATABASE_URL is missing'),
    plant: inFile('compose', MIGRATION, "command: ['dist/cli.js', 'migrate']\n    environment: {}\n    healthcheck"),
  },
  inApp('privileged', 'true', 'taskdef.json says nothing like it'),
  inApp('network_mode', 'host', 'taskdef.json says nothing like it'),
  inApp('container_name', 'app', 'could not start'),
  inApp('restart', 'always', 'a service that crashes must be seen'),
  inApp('command', "['dist/main.js']", 'remove command'),
  inApp('volumes', "['./dist:/app/dist']", 'would cover what the image has'),
  inApp('profiles', '[app]', 'would not start the service'),
  override('another version', 'mysql:8.4', 'mysql:8.0', 'mysql:8.0', 'write ${PUBLIC_IMAGES}/mysql:8.4'),
  override('a registry of its own', '${PUBLIC_IMAGES}/redis:7', 'docker.io/redis:7', 'redis:7', 'write ${PUBLIC_IMAGES}/redis:7'),
  override('a service that is not there', '  redis:\n', '  cache:\n', 'cache', 'it has no cache'),
  override('an image from Docker Hub', '  redis:\n    image: ${PUBLIC_IMAGES}/redis:7\n', '', 'services', 'add redis'),
  override('more than images', '  mysql:\n', '  mysql:\n    command: [mysqld]\n', 'command', 'remove or rename "command"'),
];
