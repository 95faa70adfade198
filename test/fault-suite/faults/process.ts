import { startProcess } from '../../support/process.js';
import { patient } from '../../support/until.js';
import type { Slot } from '../parts/slot.js';
import { always, chosen, embeddedOnly, type FaultKind } from './kind.js';

const SKEWS_MS = [-60_000, 60_000, -5_000, 5_000];

const started = (slot: Slot, skewMs = 0) => slot.start(skewMs);

/** Faults of the service's own processes. */
export const PROCESS_FAULTS: FaultKind[] = [
  {
    name: 'process killed',
    hits: 'process',
    lasts: [500, 3_000],
    kills: true,
    impossible: always,
    async begin({ world }, draw) {
      const slot = chosen(world.slots, draw);
      await slot.kill();
      return { target: slot.name, silent: [slot.name], end: () => started(slot) };
    },
  },
  {
    name: 'process frozen',
    hits: 'process',
    lasts: [2_000, 6_000],
    freezes: true,
    impossible: always,
    async begin({ world }, draw) {
      const slot = chosen(world.slots, draw);
      await slot.freeze();
      return { target: slot.name, silent: [slot.name], end: () => slot.thaw() };
    },
  },
  {
    name: 'process stopped and started',
    hits: 'process',
    lasts: [200, 1_000],
    impossible: always,
    async begin({ world }, draw) {
      const slot = chosen(world.slots, draw);
      await slot.stop();
      return { target: slot.name, silent: [slot.name], end: () => started(slot) };
    },
  },
  {
    name: 'clock skewed',
    hits: 'process',
    lasts: [4_000, 7_000],
    kills: true,
    impossible: always,
    async begin({ world }, draw) {
      const slot = chosen(world.slots, draw);
      const skewMs = SKEWS_MS[Math.floor(draw * 97) % SKEWS_MS.length]!;
      await slot.kill();
      await started(slot, skewMs);
      return {
        target: `${slot.name}, by ${skewMs / 1000} s`,
        skewMs,
        async end() {
          await slot.stop();
          await started(slot);
        },
      };
    },
  },
  {
    name: 'second process on the folder',
    hits: 'tasks',
    lasts: [500, 1_000],
    impossible: embeddedOnly,
    async begin({ world }, draw) {
      const site = chosen(world.sites, draw);
      const intruder = await startProcess(site.env, { untilReady: false });
      const late = setTimeout(() => void intruder.kill(), patient(15_000));
      const { code } = await intruder.exited.finally(() => clearTimeout(late));
      const refused = code === 1 && intruder.log.some((line) => line.includes('is in use by another Posthorn process'));
      if (!refused)
        world.exits.push({ process: `a second process on ${site.name}`, at: Date.now(), how: `was not refused: code ${code}` });
      return { target: site.name, end: async () => {} };
    },
  },
];
