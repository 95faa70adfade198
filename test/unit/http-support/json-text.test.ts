import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonText, writtenJson } from '../../../src/api/http-support/json-text.js';
import { jsonText } from '../../support/json-texts.js';

describe('an answer', () => {
  it('has each JSON text in it as it is', () => {
    const answer = { id: 'a', payload: new JsonText('{ "n" : 1152921506151679042 }'), list: [new JsonText('1e400'), 5] };

    expect(writtenJson(answer)).toBe('{"id":"a","payload":{ "n" : 1152921506151679042 },"list":[1e400,5]}');
  });

  it('may be a JSON text as a whole', () => {
    expect(writtenJson(new JsonText('{"a": 1.10}'))).toBe('{"a": 1.10}');
  });

  it('without one is what JSON.stringify makes of it', () => {
    const answer = { at: new Date(0), nothing: undefined, none: null, text: 'é"' };

    expect(writtenJson(answer)).toBe(JSON.stringify(answer));
    expect(writtenJson(undefined)).toBeUndefined();
  });

  it('is the same however the texts in it look', () => {
    const texts = fc.array(jsonText, { maxLength: 5 });
    const property = fc.property(texts, fc.string(), (all, beside) => {
      const written = writtenJson(all.map((text) => ({ beside, text: new JsonText(text) })));
      const expected = all.map((text) => `{"beside":${JSON.stringify(beside)},"text":${text}}`);
      expect(written).toBe(`[${expected.join(',')}]`);
    });
    fc.assert(property, { seed: 1, numRuns: 500 });
  });

  it('with a JSON text is written by nothing else', () => {
    expect(() => JSON.stringify({ payload: new JsonText('1.0') })).toThrow('written by writtenJson alone');
    expect(() => writtenJson({ payload: { toJSON: () => fail() } })).toThrow('broken');
    expect(() => JSON.stringify(new JsonText('1.0'))).toThrow('written by writtenJson alone');
  });
});

function fail(): never {
  throw new Error('broken');
}
