import { describe, expect, it } from '@jest/globals';
import {
  DATA_RIGHTS,
  passwordChange,
  retainsPasswords,
  rightsChange,
  schemaPattern,
  type Grant,
  type Server,
} from '../../src/database/user-rights.js';

const MYSQL: Server = { version: '8.4.8', literalNames: false };
const MARIADB: Server = { version: '10.11.14-MariaDB-0+deb12u2', literalNames: false };

describe('a change of a password', () => {
  it.each([
    ['8.0.13', false],
    ['8.0.14', true],
    ['8.0.44', true],
    ['8.4.8', true],
    ['9.7.0-log', true],
    ['5.7.44-log', false],
    ['8.0.11-TiDB-v8.5.0', false],
    ['10.11.14-MariaDB-0+deb12u2', false],
    ['5.5.5-10.6.14-MariaDB-log', false],
    ['11.8.2-MariaDB', false],
  ])('on %s keeps the current password: %s', (version, retains) => {
    const server = { version, literalNames: false };

    expect(retainsPasswords(server)).toBe(retains);
    expect(passwordChange(server, { name: 'app', password: "it's" }, false)).toEqual({
      sql: `ALTER USER ?@'%' IDENTIFIED BY ?${retains ? ' RETAIN CURRENT PASSWORD' : ''}`,
      values: ['app', "it's"],
    });
  });

  it('from an empty one keeps nothing, which the server would refuse', () => {
    expect(passwordChange(MYSQL, { name: 'app', password: 'new' }, true).sql).toBe("ALTER USER ?@'%' IDENTIFIED BY ?");
  });
});

describe('the name of a database in a grant', () => {
  it('matches no other database', () => {
    expect(schemaPattern('post_horn%\\', MARIADB)).toBe('post\\_horn\\%\\\\');
  });

  it('is literal where partial_revokes is on', () => {
    expect(schemaPattern('post_horn', { ...MYSQL, literalNames: true })).toBe('post_horn');
  });
});

describe('the change of rights', () => {
  const wanted = { database: 'post_horn', rights: DATA_RIGHTS, server: MYSQL };
  const change = (grants: Grant[]) => rightsChange('app', grants, wanted).map(({ sql }) => sql);
  const onSchema = (pattern: string, ...rights: string[]): Grant[] =>
    rights.map((right) => ({ right, grantable: false, on: 'schema', pattern }));
  const OWN = 'post\\_horn';

  it('gives a new user everything in one statement', () => {
    expect(rightsChange('app', [{ right: 'USAGE', grantable: false, on: 'server' }], wanted)).toEqual([
      { sql: "GRANT SELECT, INSERT, UPDATE, DELETE ON `post\\_horn`.* TO ?@'%'", values: ['app'] },
    ]);
  });

  it('is empty if the rights are right', () => {
    expect(change(onSchema(OWN, ...DATA_RIGHTS))).toEqual([]);
  });

  it('takes what is too much, and keeps what is needed', () => {
    expect(change(onSchema(OWN, ...DATA_RIGHTS, 'CREATE', 'DROP'))).toEqual([
      "REVOKE CREATE, DROP ON `post\\_horn`.* FROM ?@'%'",
    ]);
  });

  it('gives before it takes, so that a running process never lacks a right', () => {
    expect(change(onSchema('post%', 'SELECT', 'CREATE'))).toEqual([
      "GRANT SELECT, INSERT, UPDATE, DELETE ON `post\\_horn`.* TO ?@'%'",
      "REVOKE SELECT, CREATE ON `post%`.* FROM ?@'%'",
    ]);
  });

  it('takes the right to pass rights on', () => {
    const grants = onSchema(OWN, ...DATA_RIGHTS).map((grant) => ({ ...grant, grantable: true }));

    expect(change(grants)).toEqual(["REVOKE GRANT OPTION ON `post\\_horn`.* FROM ?@'%'"]);
  });

  it('takes rights on the server, on tables and on columns', () => {
    const others: Grant[] = [
      { right: 'PROCESS', grantable: true, on: 'server' },
      { right: 'ALTER', grantable: false, on: 'table', table: 'a`b.c' },
      { right: 'UPDATE', grantable: false, on: 'column', table: 'a`b.c', column: 'd' },
    ];

    expect(change([...onSchema(OWN, ...DATA_RIGHTS), ...others])).toEqual([
      "REVOKE PROCESS ON *.* FROM ?@'%'",
      "REVOKE GRANT OPTION ON *.* FROM ?@'%'",
      "REVOKE ALTER, UPDATE (`d`) ON `post_horn`.`a``b.c` FROM ?@'%'",
    ]);
  });
});
