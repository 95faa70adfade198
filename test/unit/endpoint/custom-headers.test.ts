import { describe, expect, it } from '@jest/globals';
import { mergedHeaders, toHeadersOut } from '../../../src/api/endpoint/custom-headers.js';

describe('merged headers', () => {
  it('keep what is not mentioned', () => {
    expect(mergedHeaders({ 'X-One': '1' }, { 'X-Two': '2' })).toEqual({ 'X-One': '1', 'X-Two': '2' });
  });

  it('lose what is set to null, in whatever letter case', () => {
    expect(mergedHeaders({ 'X-One': '1', 'X-Two': '2' }, { 'x-one': null })).toEqual({ 'X-Two': '2' });
  });

  it('take the letter case of the last change', () => {
    expect(mergedHeaders({ 'X-One': '1' }, { 'x-ONE': '2' })).toEqual({ 'x-ONE': '2' });
  });

  it('hold a name once, with its later spelling', () => {
    expect(mergedHeaders({}, { 'X-One': '1', 'x-one': '2' })).toEqual({ 'x-one': '2' });
  });

  it('are unaffected by the deletion of a header that is not there', () => {
    expect(mergedHeaders({ 'X-One': '1' }, { 'X-Two': null })).toEqual({ 'X-One': '1' });
  });
});

describe('shown headers', () => {
  it('withhold the value of credentials and name them', () => {
    expect(toHeadersOut({ Authorization: 'Basic abc', 'X-Api-Key': 'k', 'X-Team': 'a' })).toEqual({
      headers: { 'X-Team': 'a' },
      sensitive: ['Authorization', 'X-Api-Key'],
    });
  });

  it('are empty lists where there are none', () => {
    expect(toHeadersOut({})).toEqual({ headers: {}, sensitive: [] });
  });
});
