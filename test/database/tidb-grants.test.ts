import { describe, expect, it } from '@jest/globals';
import { parseGrants } from '../../src/database/tidb-grants.js';

describe('the lines of SHOW GRANTS on TiDB', () => {
  it.each([
    ['no right', "GRANT USAGE ON *.* TO 'e'@'%'", [{ right: 'USAGE', grantable: false, on: 'server' }]],
    ['rights of the server', "GRANT PROCESS ON *.* TO 'e'@'%'", [{ right: 'PROCESS', grantable: false, on: 'server' }]],
    [
      'rights on databases',
      "GRANT SELECT,INSERT ON `a\\_b`.* TO 'e'@'%'",
      ['SELECT', 'INSERT'].map((right) => ({ right, grantable: false, on: 'schema', pattern: 'a\\_b' })),
    ],
    [
      'rights that can be given on',
      "GRANT UPDATE ON `a_b`.`t` TO 'e'@'%' WITH GRANT OPTION",
      [{ right: 'UPDATE', grantable: true, on: 'table', database: 'a_b', table: 't' }],
    ],
    [
      'rights on columns',
      "GRANT SELECT(a), INSERT(a, b) ON `a_b`.`t` TO 'e'@'%'",
      [
        ['SELECT', 'a'],
        ['INSERT', 'a'],
        ['INSERT', 'b'],
      ].map(([right, column]) => ({ right, grantable: false, on: 'column', database: 'a_b', table: 't', column })),
    ],
    ['no right of a role', "GRANT 'r1'@'%' TO 'e'@'%'", []],
  ])('name %s', (_what, line, expected) => {
    expect(parseGrants([line])).toEqual(expected);
  });

  it('name each right of a user that has all on a database', () => {
    const rights = parseGrants(["GRANT ALL PRIVILEGES ON `x`.* TO 'e'@'%'"]).map(({ right }) => right);

    expect(rights).toEqual(expect.arrayContaining(['SELECT', 'DROP', 'TRIGGER']));
    expect(rights).not.toContain('ALL PRIVILEGES');
  });
});
