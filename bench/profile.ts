// node --import ./bench/typescript.mjs bench/profile.ts /tmp/profile/CPU.….cpuprofile
// Where the time of a profiled run went (`npm run bench -- --only cost --node-arg=--cpu-prof …`), as a Markdown table. What a library does
// counts for the room of ours that called it, as far as the stack tells; what was resumed by the event loop, for the library itself. The
// first third is left out (start, warm-up), and so is the last twentieth.
import { readFileSync } from 'node:fs';
import { asMarkdown } from './report/layout.js';
import { print } from './report/terminal.js';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const FROM = 0.35;
const TO = 0.95;
/** Less than this share is summed up as the rest. */
const LEAST = 0.006;

const [file] = process.argv.slice(2);
if (file === undefined) {
  print('Which profile? node --import ./bench/typescript.mjs bench/profile.ts FILE.cpuprofile');
  process.exit(2);
}
const shares = sharesOf(JSON.parse(readFileSync(file, 'utf8')) as Profile);
const rows = [...shares].filter(([, share]) => share >= LEAST).toSorted((a, b) => b[1] - a[1]);
const rest = 1 - rows.reduce((sum, [, share]) => sum + share, 0);
const cells = [...rows, ['the rest', rest] as const].map(([name, share]) => [name, `${(share * 100).toFixed(1)} %`]);
print(asMarkdown({ name: 'profile', title: 'profile', columns: ['where', 'of the busy time'], rows: cells }));

/** Of the time in which the thread did something. */
function sharesOf({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)));
  const spent = new Map<string, number>();
  let busy = 0;
  for (let at = Math.floor(samples.length * FROM); at < samples.length * TO; at++) {
    const frames = [];
    for (let id: number | undefined = samples[at]; id !== undefined; id = parents.get(id)) frames.push(byId.get(id)!.callFrame);
    const where = placeOf(frames);
    if (where === '(idle)') continue;
    busy += timeDeltas[at]!;
    spent.set(where, (spent.get(where) ?? 0) + timeDeltas[at]!);
  }
  return new Map([...spent].map(([where, time]) => [where, time / busy]));
}

/** @param frames from the innermost to the outermost */
function placeOf(frames: { functionName: string; url: string }[]): string {
  const own = frames
    .map(({ url }) => /\/dist\/((?:api\/)?[\w.-]+)/.exec(url.includes('node_modules') ? '' : url)?.[1])
    .find(Boolean);
  if (own) return `src/${own.replace(/\.js$/, '.ts')}`;
  const library = frames.map(({ url }) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]).find(Boolean);
  if (library) return library;
  return frames.some(({ url }) => url.startsWith('node:')) ? 'Node' : (frames[0]?.functionName ?? '');
}
