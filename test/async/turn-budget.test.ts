import { expect, it } from '@jest/globals';
import { nextTurn } from '../../src/async/steps.js';
import { TurnBudget } from '../../src/async/turn-budget.js';

const LIMIT_MS = 20;

/** Keeps the event loop from turning. */
function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it('lets work begin at once as long as the turn is short', () => {
  const budget = new TurnBudget(LIMIT_MS);
  expect([budget.begin(), budget.begin()]).toEqual([undefined, undefined]);
});

it('divides the rest among turns, in the order of arrival', async () => {
  const budget = new TurnBudget(LIMIT_MS);
  let turn = 0;
  const done: { item: number; turn: number }[] = [];
  const work = async (item: number) => {
    const itsTurn = budget.begin();
    if (itsTurn) await itsTurn;
    busyFor(LIMIT_MS / 2 + 1);
    done.push({ item, turn });
  };
  const all = Array.from({ length: 9 }, (_none, item) => work(item));
  while (done.length < 9) {
    await nextTurn();
    turn++;
  }
  await Promise.all(all);

  expect(done.map(({ item }) => item)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(done.map((one) => one.turn)).size).toBeGreaterThanOrEqual(3);
});

it('lets nobody go ahead of work that waits', async () => {
  const budget = new TurnBudget(LIMIT_MS);
  budget.begin();
  busyFor(LIMIT_MS);
  const order: string[] = [];
  const first = budget.begin()!.then(() => order.push('first'));
  const second = budget.begin()!.then(() => order.push('second'));
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});
