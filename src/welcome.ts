import type { AppConfig } from './config/config.js';
import { linksText, type DemoLinks } from './demo-links.js';
import type { Log } from './observability/log.js';

/** Tells where the service listens, what it runs on, and how to send the first webhook: in the log, and as text at a terminal. */
export function welcome(config: AppConfig, port: number, log: Log): void {
  const url = `http://localhost:${port}`;
  const parts = {
    database: config.database.mysqlUrl ? 'MySQL' : `SQLite in ${config.dataDir}`,
    queue: config.queue.url ? 'SQS' : 'SQS emulator in this process',
    cache: config.cache.redisUrl ? 'Redis' : 'in this process',
  };
  const next = firstWebhook(url);
  log.info('server.listening', {
    url,
    port,
    roles: config.roles,
    ...parts,
    allowedSubnets: config.delivery.allowedSubnets,
    ...(process.stdout.isTTY ? {} : { next }),
  });
  if (!process.stdout.isTTY || !config.roles.api) return;
  const reachable = config.delivery.allowedSubnets.join(', ');
  console.log(
    [
      '',
      `  Posthorn listens on ${url}`,
      `  database: ${parts.database} · queue: ${parts.queue} · cache: ${parts.cache}`,
      ...(reachable ? [`  deliveries may reach private addresses in ${reachable}`] : []),
      '',
      '  The first webhook, in a second terminal:',
      ...next.map((line) => `    ${line}`),
      '',
      ...(config.production ? [] : [`  ${demoLine(config, url)}`, '']),
    ].join('\n'),
  );
}

/** Tells where the demo can be looked at: in the log, or as text at a terminal. */
export function welcomeToDemo(links: DemoLinks, log: Log): void {
  if (!process.stdout.isTTY) return log.info('demo.ready', { portal: links.portal, console: links.console, next: links.token });
  console.log(linksText('A demo runs beside it, with data of its own. Without it: DEMO=off npm start', links));
}

/** Where lively data is, to look at the portal and the console. */
function demoLine({ demo }: AppConfig, url: string): string {
  if (demo) return 'A demo with lively data is being made beside it; its links follow.';
  return `Lively data to look at: ${serverIn(url)}npm run demo`;
}

/** Commands for a second terminal, in the project's folder: first one that does everything, then the same in single steps. */
function firstWebhook(url: string): string[] {
  const post = (path: string, body: string) =>
    `curl -s ${url}/api/v1${path} -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '${body}'`;
  return [
    'TOKEN=$(npm run -s token)',
    `TOKEN=$TOKEN ${serverIn(url)}node examples/first-webhook.mjs`,
    'npm run receiver &',
    post('/app', '{"name":"Acme","uid":"acme"}'),
    post('/app/acme/endpoint', '{"url":"http://127.0.0.1:4000/hook"}'),
    post('/app/acme/msg', '{"eventType":"order.paid","payload":{"order":1}}'),
  ];
}

/** What a command needs to know of another port than the usual one. */
function serverIn(url: string): string {
  return url === 'http://localhost:3000' ? '' : `SERVER=${url} `;
}
