/** How much is measured. */
export interface Sizes {
  rounds: number;
  ingest: { seconds: number; warmUpSeconds: number; concurrencies: number[]; kilobytes: number[] };
  /** `fanOuts`: endpoints of the application, and most messages that are sent to it. */
  flood: { seconds: number; warmUpSeconds: number; fanOuts: [fanOut: number, most: number][] };
  latency: { seconds: number; shares: number[]; fixedRate: number };
  backlog: number;
  listings: { attempts: [few: number, many: number]; requests: number; rounds: number };
  health: { seconds: number };
  boots: number;
  idleSeconds: number;
}

export const FULL: Sizes = {
  rounds: 3,
  ingest: { seconds: 4, warmUpSeconds: 2, concurrencies: [1, 16, 64, 256], kilobytes: [0.3, 1, 16] },
  flood: {
    seconds: 8,
    warmUpSeconds: 2,
    fanOuts: [
      [1, 100_000],
      [5, 8_000],
      [50, 800],
    ],
  },
  latency: { seconds: 10, shares: [0.25, 0.5, 0.75], fixedRate: 200 },
  backlog: 50_000,
  listings: { attempts: [20_000, 2_000_000], requests: 500, rounds: 3 },
  health: { seconds: 4 },
  boots: 5,
  idleSeconds: 10,
};

/** Says whether everything works, and nothing about speed. */
export const QUICK: Sizes = {
  rounds: 1,
  ingest: { seconds: 0.5, warmUpSeconds: 0.3, concurrencies: [1, 64], kilobytes: [0.3, 16] },
  flood: {
    seconds: 1,
    warmUpSeconds: 0.3,
    fanOuts: [
      [1, 2_000],
      [5, 400],
      [50, 40],
    ],
  },
  latency: { seconds: 1, shares: [0.5], fixedRate: 200 },
  backlog: 2_000,
  listings: { attempts: [2_000, 20_000], requests: 50, rounds: 1 },
  health: { seconds: 0.5 },
  boots: 1,
  idleSeconds: 1,
};
