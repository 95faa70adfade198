import { LRUCache } from 'lru-cache';

/** Blocks of more buckets than this are not kept: the least recently used one is dropped, and its tokens with it. */
const MAX_BLOCKS = 50_000;
/** A bucket that gave too little is not asked again for at most so long: other processes may have put tokens back. */
const MAX_REST_MS = 1_000;
/** A block that was used up faster than this is followed by one of twice its size; one that was not used up in time, by one of 1. */
const FAST_MS = 250;

/** What the owner of a bucket gave. */
export interface Given {
  granted: number;
  /** How many it has left for all. */
  left: number;
  /** ms until it has some again. */
  waitMs: number;
}

/** The answer to one who wants tokens. */
export interface Answer {
  taken: boolean;
  /** About how many are left for all. */
  left: number;
  /** ms until asking again makes sense; 0 if `taken`. */
  waitMs: number;
}

/** Where tokens come from. `Rule` says how many there may be. */
export interface Source<Rule> {
  /** Takes up to `want` tokens, after `back` unused ones were put back. */
  take(key: string, rule: Rule, want: number, back: number): Promise<Given>;
  /** The largest block. */
  maxBlock(rule: Rule): number;
  /** Whether a block that was taken under the first rule is good under the second. */
  isSame(one: Rule, other: Rule): boolean;
  /** Unused tokens are put back after this time. */
  holdMs: number;
}

interface Block<Rule> {
  rule: Rule;
  tokens: number;
  /** Tokens that were not used in time. They go back with the next call. */
  unused: number;
  /** How many tokens come with the next block, if no more are waited for. */
  size: number;
  takenAt: number;
  /** How many the bucket had left after that. */
  left: number;
  /** Until then the bucket is not asked. */
  restsUntil: number;
  /** When the bucket has something again. */
  emptyUntil: number;
  filling: Promise<void> | null;
  /** Tokens that are waited for. */
  wanted: number;
}

/**
 * Takes tokens from a bucket that processes share, in blocks, so that most of those who want one do not wait for the bucket. The size of
 * a block follows the demand in this process. Tokens are used within `holdMs` or not at all.
 *
 * If the process dies: the tokens of its blocks are lost, at most `maxBlock` for each bucket.
 */
export class Blocks<Rule> {
  private readonly blocks = new LRUCache<string, Block<Rule>>({ max: MAX_BLOCKS });

  constructor(private readonly source: Source<Rule>) {}

  /** Takes `count` tokens, all or none. */
  async take(key: string, rule: Rule, count: number): Promise<Answer> {
    const block = this.blockOf(key, rule);
    this.expire(block);
    const taken = takeTokens(block, count) || (await this.fill(key, block, count));
    // Too few for this one, but other processes may need fewer.
    if (!taken && block.wanted === 0) this.giveBackNow(key, block);
    const left = block.tokens + block.left;
    return { taken, left, waitMs: taken ? 0 : Math.max(1, block.emptyUntil - performance.now()) };
  }

  /** Puts tokens back that were taken and not used. */
  putBack(key: string, count: number): void {
    const block = this.blocks.get(key);
    if (block) block.tokens += count;
  }

  /** About how many are left for all; null if nothing was taken here yet. */
  left(key: string): number | null {
    const block = this.blocks.peek(key);
    return block ? block.tokens + block.left : null;
  }

  /** Puts the tokens back that were not used in time; with `all`, those of all blocks. */
  async putBackUnused(all = false): Promise<void> {
    for (const [key, block] of this.blocks.entries()) {
      this.expire(block, all);
      if (block.unused > 0 && !block.filling) await this.giveBack(key, block);
    }
  }

  /** Puts all tokens of a block back, and waits for nothing. */
  private giveBackNow(key: string, block: Block<Rule>): void {
    this.expire(block, true);
    if (block.unused === 0) return;
    block.left += block.unused;
    // What fails goes back with the next call.
    this.giveBack(key, block).catch(() => undefined);
  }

  private async giveBack(key: string, block: Block<Rule>): Promise<void> {
    const unused = takeUnused(block);
    try {
      await this.source.take(key, block.rule, 0, unused);
    } catch (error) {
      block.unused += unused;
      throw error;
    }
  }

  private blockOf(key: string, rule: Rule): Block<Rule> {
    const known = this.blocks.get(key);
    if (known && this.source.isSame(known.rule, rule)) return known;
    // What was taken under a rule goes back under it.
    if (known) this.giveBackNow(key, known);
    const empty = { tokens: 0, unused: 0, size: 1, takenAt: 0, left: 0, restsUntil: 0, emptyUntil: 0, filling: null, wanted: 0 };
    const fresh: Block<Rule> = { ...empty, rule };
    this.blocks.set(key, fresh);
    return fresh;
  }

  private expire(block: Block<Rule>, now = false): void {
    if (block.tokens === 0 || (!now && performance.now() - block.takenAt < this.source.holdMs)) return;
    block.unused += block.tokens;
    block.tokens = 0;
    block.size = 1;
  }

  /**
   * All who want tokens during a call wait for it. Others may have been faster then; those who got nothing share the next call, until the
   * bucket has no more. False: it has none.
   */
  private async fill(key: string, block: Block<Rule>, count: number): Promise<boolean> {
    block.wanted += count;
    try {
      while (performance.now() >= block.restsUntil || count <= block.left) {
        await (block.filling ??= this.ask(key, block).finally(() => (block.filling = null)));
        if (takeTokens(block, count)) return true;
      }
      return takeTokens(block, count);
    } finally {
      block.wanted -= count;
    }
  }

  private async ask(key: string, block: Block<Rule>): Promise<void> {
    if (performance.now() - block.takenAt < FAST_MS) block.size = Math.min(block.size * 2, this.source.maxBlock(block.rule));
    // Who comes in the same turn of the event loop is counted too.
    await Promise.resolve();
    const want = Math.max(block.size, block.wanted - block.tokens);
    const unused = takeUnused(block);
    try {
      const { granted, left, waitMs } = await this.source.take(key, block.rule, want, unused);
      block.tokens += granted;
      block.left = left;
      block.takenAt = performance.now();
      if (granted >= want) return;
      block.restsUntil = block.takenAt + Math.max(1, Math.min(waitMs, MAX_REST_MS));
      block.emptyUntil = block.takenAt + waitMs;
    } catch (error) {
      block.unused += unused;
      throw error;
    }
  }
}

/** All or none. */
function takeTokens(block: Pick<Block<unknown>, 'tokens'>, count: number): boolean {
  if (block.tokens < count) return false;
  block.tokens -= count;
  return true;
}

function takeUnused(block: Pick<Block<unknown>, 'unused'>): number {
  const { unused } = block;
  block.unused = 0;
  return unused;
}
