/** Draws of a simulation: the same numbers in every run (xorshift). */
export interface Random {
  uniform(): number;
  exponential(mean: number): number;
  /** Times of this mean and spread, skewed as answering times are; the spread is their standard deviation divided by the mean. */
  lognormal(mean: number, spread: number): number;
}

export function randomOf(seed = 0x9e3779b9): Random {
  let state = seed;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    exponential: (mean) => -Math.log(1 - uniform()) * mean,
    lognormal(mean, spread) {
      const variance = Math.log(1 + spread * spread);
      return mean * Math.exp(Math.sqrt(variance) * normal() - variance / 2);
    },
  };
}
