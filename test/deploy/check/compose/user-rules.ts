import type { Context } from '../context.js';
import { isMigration } from './order-rules.js';

/** Users beside root and MYSQL_USER are made by the migration, which is told how to reach the server as its administrator. */
export function checkUsers({ compose, tell }: Context): void {
  const made = Object.values(compose.services).some(({ environment }) => environment['DATABASE_ADMIN_URL'] !== undefined);
  const url = String(compose.services['app']?.environment['DATABASE_URL'] ?? '');
  if (!URL.canParse(url)) return;
  const { hostname, username } = new URL(url);
  const database = compose.services[hostname];
  const user = database?.environment['MYSQL_USER'];
  if (made && user !== undefined)
    tell(
      'compose',
      ['services', hostname, 'environment', 'MYSQL_USER'],
      'remove MYSQL_USER: the image gives this user all rights on the database, and the migration makes the users with those that they need',
    );
  if (!made && database && username !== 'root' && username !== user)
    tell(
      'compose',
      ['services', 'app', 'environment', 'DATABASE_URL'],
      `let DATABASE_URL name the user ${user ?? 'in MYSQL_USER'}, which ${hostname} makes: nobody makes ${username}`,
    );
  checkRights({ compose, tell }, username);
  for (const [name, service] of Object.entries(compose.services)) {
    const other = service.environment['DATABASE_URL'];
    if (isMigration(service) && other !== undefined && other !== url)
      tell(
        'compose',
        ['services', name, 'environment', 'DATABASE_URL'],
        `give ${name} the DATABASE_URL of app: it would prepare another database, or another user`,
      );
  }
}

/** Who may change tables is not who reads and writes rows: a right that is missing must fail here too. */
function checkRights({ compose, tell }: Pick<Context, 'compose' | 'tell'>, app: string): void {
  const others = Object.values(compose.services).flatMap(({ environment }) =>
    ['DATABASE_ADMIN_URL', 'DATABASE_MIGRATION_URL'].flatMap((name) => {
      const url = String(environment[name] ?? '');
      return URL.canParse(url) ? [{ name, user: new URL(url).username }] : [];
    }),
  );
  const same = others.find(({ user }) => user === app);
  if (same)
    tell(
      'compose',
      ['services', 'app', 'environment', 'DATABASE_URL'],
      `give the app a user of its own, which may only change data: ${app} is that of ${same.name}`,
    );
}
