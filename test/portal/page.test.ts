import { describe, expect, it } from '@jest/globals';
import { mergedPages } from '../../portal/src/api/page.js';

const page = (ids: string[], iterator: string | null = null) => ({
  data: ids.map((id) => ({ id })),
  done: iterator === null,
  iterator,
});

describe('a page of several lists', () => {
  it('has the rows of all, the newest first, each once', () => {
    expect(mergedPages([page(['e', 'b']), page(['d', 'b', 'a'])])).toEqual(page(['e', 'd', 'b', 'a']));
  });

  it('ends where the first list ends that goes on', () => {
    expect(mergedPages([page(['f', 'd'], 'd'), page(['e', 'c'], 'c'), page(['g', 'a'])])).toEqual(
      page(['g', 'f', 'e', 'd'], 'd'),
    );
  });

  it('goes on after a list that has searched and found nothing', () => {
    expect(mergedPages([page([], 'm'), page(['z', 'k'])])).toEqual(page(['z'], 'm'));
  });

  it('is empty without a list', () => {
    expect(mergedPages([])).toEqual(page([]));
  });
});
