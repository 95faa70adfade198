import { describe, expect, it } from '@jest/globals';
import { jsonSourceOf, YamlFault } from '../../../src/api/event-type/yaml-source.js';

const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('\n');
/** Ten lines that stand for nine to the tenth items. */
const bomb = (first: string) =>
  lines(10, (n) => `${'abcdefghij'[n]}: &${'abcdefghij'[n]} [${Array(9).fill(n === 0 ? first : `*${'abcdefghij'[n - 1]}`)}]`);

describe('YAML as JSON', () => {
  it.each([
    ['mappings and lists', 'a: 1\nb:\n  - x\n  - {c: d}\n', '{"a":1,"b":["x",{"c":"d"}]}'],
    ['texts of several lines', 'a: |\n  x\n  y\nb: >\n  x\n  y\n', '{"a":"x\\ny\\n","b":"x y\\n"}'],
    ['lines of Windows', '\ufeffa: 1\r\nb: 2\r\n', '{"a":1,"b":2}'],
    ['the core schema', '[yes, no, true, null, ~, "1", 2001-01-01]', '["yes","no",true,null,null,"1","2001-01-01"]'],
    ['numbers in their own words', '[1152921506151679042, 1.10, 1e400, -0, 1E2]', '[1152921506151679042,1.10,1e400,-0,1E2]'],
    ['numbers that JSON writes otherwise', '[0x1fffffffffffff7f, 0o17, +5, .5, 1.]', '[2305843009213693823,15,5,0.5,1]'],
    ['keys that are no texts', '200: a\ntrue: b\n~: c\n1e3: d', '{"200":"a","true":"b","~":"c","1e3":"d"}'],
    ['keys in their order', 'b: 1\n2: 1\na: 1\n1: 1', '{"b":1,"2":1,"a":1,"1":1}'],
    ['a key that means something to JavaScript', '__proto__: {a: 1}', '{"__proto__":{"a":1}}'],
    ['names for what was said before', 'a: &a {x: 1}\nb: *a\nc: [*a, *a]', '{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":1}]}'],
    ['a name that is given again', 'a: &a 1\nb: *a\nc: &a 2\nd: *a', '{"a":1,"b":1,"c":2,"d":2}'],
    ['a name inside of what is named', 'a: &a [&b 1, *b]\nb: &b 2\nc: *a\nd: *b', '{"a":[1,1],"b":2,"c":[1,1],"d":2}'],
    ['a name for a key', 'a: &a x\n*a : y', '{"a":"x","x":"y"}'],
    ['members taken over', 'a: &a {x: 1, y: 2}\nb:\n  y: 3\n  <<: *a\n  z: 4', '{"a":{"x":1,"y":2},"b":{"x":1,"y":3,"z":4}}'],
    ['members of several', 'a: &a {x: 1}\nb: {<<: [*a, {x: 2, y: 3}], z: 4}', '{"a":{"x":1},"b":{"x":1,"y":3,"z":4}}'],
    ['members that were taken over', 'a: &a {x: 1}\nb: &b {<<: *a}\nc: {<<: *b}', '{"a":{"x":1},"b":{"x":1},"c":{"x":1}}'],
    ['two lesser signs in quotes', '{"<<": {a: 1}}', '{"<<":{"a":1}}'],
    ['a version before', '%YAML 1.1\n---\na: yes\nb: !!binary aGk=\nc: !!set {x}', '{"a":"yes","b":"aGk=","c":{"x":null}}'],
    ['nothing', '', 'null'],
    ['JSON', '{"a": [1.0, "\\u00e9"]}', '{"a":[1.0,"é"]}'],
  ])('says %s', (_what, yaml, json) => {
    expect(jsonSourceOf(yaml)).toBe(json);
    expect(() => JSON.parse(json)).not.toThrow();
  });

  it('has four hundred levels', () => {
    expect(jsonSourceOf(lines(400, (n) => `${' '.repeat(n)}a:`))).toBe(`${'{"a":'.repeat(400)}null${'}'.repeat(400)}`);
  });

  it.each([
    ['what is no YAML', 'a: b: c', /line 1/],
    ['what does not end', 'a:\n  "x', /line 2/],
    ['two documents', 'a: 1\n---\nb: 2', /multiple documents: send/],
    ['a key that is there twice', 'a: 1\nb: 2\na: 3', /"a" is there twice/],
    ['a key that is a list', '[a, b]: c', /can not be a key/],
    ['a name of nothing', 'a: *b\nb: &b 1', /\*b/],
    ['a number that JSON lacks', 'a: -.inf', /-\.inf/],
    ['what contains itself', 'a: &a [*a, *a]', /nested deeper/],
    ['few lines that stand for very many', bomb('x'), /too large/],
    ['few lines that stand for very many lists of nothing', bomb('[]'), /too large/],
    [
      'few lines that take over very many',
      bomb('{}')
        .replace(/: (&.) /g, ': $1 {<<: ')
        .replace(/$/gm, '}'),
      /too large/,
    ],
    ['what takes itself over', 'a: &a {<<: *a}', /nested deeper/],
    ['a text that is taken over', 'a: {<<: x}', /members of a mapping/],
    ['brackets without end', '['.repeat(100_000), /nested deeper/],
    ['braces without end', '{a: '.repeat(100_000), /nested deeper|too large/],
    ['dashes without end', '- '.repeat(20_000), /nested deeper/],
    ['keys without end', '? '.repeat(20_000), /nested deeper/],
    ['lines that go in further and further', lines(700, (n) => `${' '.repeat(n)}a:`), /nested deeper/],
    ['many lines', lines(100_000, (n) => `k${n}: 1`), /too large for YAML/],
    ['many tokens', `[${'[],'.repeat(40_000)}]`, /too large for YAML/],
    ['a long text', `a: ${'x'.repeat(70_000)}`, /too large for YAML/],
    ['many blank lines', `a: x${'\n'.repeat(300_000)} y`, /too large for YAML/],
    ['many comments', '# x\n'.repeat(200_000), /too large for YAML/],
  ])('refuses %s', (_what, yaml, message) => {
    expect(() => jsonSourceOf(yaml)).toThrow(YamlFault);
    expect(() => jsonSourceOf(yaml)).toThrow(message);
  });
});
