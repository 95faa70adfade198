const WIDTH = 120;
const PAUSE_MS = 2_000;
let shown = false;
let last = { text: '', at: -PAUSE_MS };

/** What is being done: on a terminal one line that changes, else a line now and then. Not part of the result. */
export function progress(text: string): void {
  if (!process.stderr.isTTY) {
    const at = performance.now();
    if (text === last.text || at - last.at < PAUSE_MS) return;
    last = { text, at };
    process.stderr.write(`${text}\n`);
    return;
  }
  process.stderr.write(`\r${text.slice(0, WIDTH).padEnd(WIDTH)}`);
  shown = true;
}

/** Part of the result. */
export function print(text: string): void {
  if (shown) process.stderr.write(`\r${''.padEnd(WIDTH)}\r`);
  shown = false;
  process.stdout.write(`${text}\n`);
}
