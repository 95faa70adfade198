import { describe, expect, it } from '@jest/globals';
import { fillIn, placeholdersOf } from '../../infra/pipeline/fill-in.js';

describe('filling variables in', () => {
  it('replaces each ${NAME}, and nothing else', () => {
    const filled = fillIn('a.json', '{ "a": "${ONE}-${TWO}", "b": "<IMAGE1_NAME>", "c": "$ONE ${one}" }', { ONE: '1', TWO: '2' });

    expect(filled).toBe('{ "a": "1-2", "b": "<IMAGE1_NAME>", "c": "$ONE ${one}" }');
  });

  it('names every variable that is missing or empty, with its place', () => {
    const text = '{\n  "a": "${ONE}",\n  "b": "${TWO} ${THREE}"\n}';

    expect(() => fillIn('a.json', text, { TWO: '2', THREE: '' })).toThrow(
      /^a\.json:2 set the variable ONE .*\na\.json:3 set the variable THREE [^\n]*$/,
    );
  });

  it('escapes what is special in JSON', () => {
    const filled = fillIn('a.json', '{ "a": "${ONE}" }', { ONE: 'a "quoted"\n$& word' });

    expect(JSON.parse(filled)).toEqual({ a: 'a "quoted"\n$& word' });
  });

  it('lists the placeholders of a text, each once', () => {
    expect(placeholdersOf('${A} ${B_2} ${A} ${c} $D')).toEqual(['A', 'B_2']);
  });
});
