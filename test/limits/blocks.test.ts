import { expect, it } from '@jest/globals';
import { takeFrom } from '../../src/cache/token-bucket.js';
import { Blocks, type Source } from '../../src/limits/blocks.js';

interface Rule {
  perSecond: number;
  burst: number;
}

/** A bucket that several processes share, and counts how often it is asked. */
class SharedBucket implements Source<Rule> {
  asked = 0;
  granted = 0;
  private fullAtUs: number | null = null;

  constructor(readonly holdMs: number) {}

  async take(_key: string, rule: Rule, want: number, back: number) {
    this.asked++;
    await new Promise((later) => setImmediate(later));
    const { fullAtUs, ...taken } = takeFrom(this.fullAtUs, performance.now() * 1000, rule, want, back);
    this.fullAtUs = fullAtUs;
    this.granted += taken.granted - back;
    return taken;
  }

  maxBlock({ perSecond, burst }: Rule) {
    return Math.max(1, Math.floor(Math.min(perSecond, burst) / 10));
  }

  isSame(one: Rule, other: Rule) {
    return one.burst === other.burst;
  }
}

const countTaken = async (blocks: readonly Blocks<Rule>[], rule: Rule, requests: number): Promise<number> => {
  let taken = 0;
  for (let n = 0; n < requests; n++) {
    const answer = await blocks[n % blocks.length]!.take('key', rule, 1);
    if (answer.taken) taken++;
  }
  return taken;
};

it('asks for the tokens of many requests at once', async () => {
  const bucket = new SharedBucket(60_000);
  const rule = { perSecond: 1_000, burst: 100_000 };
  expect(await countTaken([new Blocks(bucket)], rule, 5_000)).toBe(5_000);
  // Blocks of 2, 4, 8 … 100.
  expect(bucket.asked).toBeLessThanOrEqual(5_000 / 100 + 8);
});

it('asks once for requests that come at the same time', async () => {
  const bucket = new SharedBucket(60_000);
  const blocks = new Blocks(bucket);
  const answers = await Promise.all(Array.from({ length: 500 }, () => blocks.take('key', { perSecond: 1, burst: 1_000 }, 1)));
  expect(answers.every(({ taken }) => taken)).toBe(true);
  expect(bucket.asked).toBeLessThanOrEqual(2);
});

it('refuses nobody while there are tokens, whoever comes during a call', async () => {
  const blocks = new Blocks(new SharedBucket(60_000));
  const rule = { perSecond: 0.001, burst: 200 };
  const answers: Promise<{ taken: boolean }>[] = [];
  for (let n = 0; n < 200; n++) {
    answers.push(blocks.take('key', rule, 1));
    if (n % 3 === 0) await new Promise((later) => setImmediate(later));
  }
  expect((await Promise.all(answers)).filter(({ taken }) => !taken)).toEqual([]);
});

it.each([1, 3, 10])('lets exactly a burst of %i through, however many processes ask', async (burst) => {
  const bucket = new SharedBucket(500);
  const processes = Array.from({ length: 4 }, () => new Blocks(bucket));
  expect(await countTaken(processes, { perSecond: 0.001, burst }, 100)).toBe(burst);
});

it('does not ask for each request that is refused', async () => {
  const bucket = new SharedBucket(500);
  const blocks = new Blocks(bucket);
  expect(await countTaken([blocks], { perSecond: 0.001, burst: 1 }, 1_000)).toBe(1);
  expect(bucket.asked).toBeLessThanOrEqual(3);
});

it('says how long to wait', async () => {
  const blocks = new Blocks(new SharedBucket(500));
  const rule = { perSecond: 0.1, burst: 1 };
  await blocks.take('key', rule, 1);
  const { taken, left, waitMs } = await blocks.take('key', rule, 1);
  expect({ taken, left }).toEqual({ taken: false, left: 0 });
  expect(waitMs).toBeGreaterThan(9_000);
  expect(waitMs).toBeLessThanOrEqual(10_000);
});

it('takes all or none', async () => {
  const blocks = new Blocks(new SharedBucket(60_000));
  const rule = { perSecond: 0.001, burst: 5 };
  expect(await blocks.take('key', rule, 6)).toMatchObject({ taken: false });
  expect(await blocks.take('key', rule, 5)).toMatchObject({ taken: true });
});

it('keeps nothing from other processes when there is too little for it', async () => {
  const bucket = new SharedBucket(60_000);
  const [one, other] = [new Blocks(bucket), new Blocks(bucket)];
  const rule = { perSecond: 0.001, burst: 9 };
  expect(await one.take('key', rule, 10)).toMatchObject({ taken: false });
  expect(await other.take('key', rule, 8)).toMatchObject({ taken: true });
  expect(await one.take('key', rule, 1)).toMatchObject({ taken: true });
});

it('does not ask for each of many that want too much', async () => {
  const bucket = new SharedBucket(60_000);
  const blocks = new Blocks(bucket);
  const rule = { perSecond: 0.001, burst: 9 };
  for (let n = 0; n < 100; n++) await blocks.take('key', rule, 10);
  expect(bucket.asked).toBeLessThanOrEqual(4);
});

it('puts tokens back when the rule changes', async () => {
  const bucket = new SharedBucket(60_000);
  const blocks = new Blocks(bucket);
  for (let n = 0; n < 12; n++) await blocks.take('key', { perSecond: 0.001, burst: 100 }, 1);
  await blocks.take('key', { perSecond: 0.001, burst: 101 }, 1);
  expect(bucket.granted).toBe(13);
});

it('puts unused tokens back, so that another process can use them', async () => {
  const bucket = new SharedBucket(60_000);
  const [one, other] = [new Blocks(bucket), new Blocks(bucket)];
  const rule = { perSecond: 0.001, burst: 40 };
  await countTaken([one], rule, 31);
  await one.putBackUnused(true);
  expect(await countTaken([other], rule, 100)).toBe(9);
});

it('does not use tokens after their time', async () => {
  const bucket = new SharedBucket(0);
  const blocks = new Blocks(bucket);
  const rule = { perSecond: 1_000, burst: 1_000 };
  expect(await countTaken([blocks], rule, 50)).toBe(50);
  expect(bucket.granted).toBeLessThanOrEqual(52);
});
