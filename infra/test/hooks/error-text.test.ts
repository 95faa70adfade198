import { describe, expect, it } from '@jest/globals';
import { errorText } from '../../hooks/error-text.mjs';

describe('An error in the log of a hook', () => {
  it('says what its cause was', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:3000'), { code: 'ECONNREFUSED' });

    expect(errorText(new TypeError('fetch failed', { cause }))).toBe(
      'TypeError: fetch failed (Error: connect ECONNREFUSED 10.0.0.1:3000)',
    );
  });

  it('says the code of a cause that has no message', () => {
    const cause = Object.assign(new AggregateError([], ''), { code: 'ETIMEDOUT' });

    expect(errorText(new TypeError('fetch failed', { cause }))).toBe('TypeError: fetch failed (AggregateError: ETIMEDOUT)');
  });

  it('is its name and its message without a cause', () =>
    expect(errorText(new RangeError('too much'))).toBe('RangeError: too much'));

  it('is what was thrown if that is no error', () => expect(errorText('gone')).toBe('gone'));
});
