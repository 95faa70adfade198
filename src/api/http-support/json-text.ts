import { randomBytes } from 'node:crypto';

/** Stands for a source text while the answer around it is written. Nobody outside knows it, so no text from outside can hold it. */
const MARK = randomBytes(18).toString('base64url');
const WRITTEN_MARK = `"${MARK}"`;

/** The source texts that the answer being written has met, in their order; null while none is written. */
let met: string[] | null = null;

/** A value of an answer as the JSON text that its author wrote: it is shown so, and never taken apart and written again. */
export class JsonText {
  /** @param text must be one JSON value: it becomes part of the answer unseen */
  constructor(readonly text: string) {}

  /** For `writtenJson` alone: whoever else writes an answer would not put the text in. */
  toJSON(): string {
    if (met === null) throw new Error('A JsonText is written by writtenJson alone');
    met.push(this.text);
    return MARK;
  }
}

/** What JSON.stringify makes of a value, with the texts of each JsonText inside it as they are. */
export function writtenJson(value: unknown): string {
  const texts: string[] = [];
  met = texts;
  try {
    const written = JSON.stringify(value);
    return texts.length === 0 ? written : filledIn(written, texts);
  } finally {
    met = null;
  }
}

function filledIn(written: string, texts: readonly string[]): string {
  let out = '';
  let from = 0;
  for (const text of texts) {
    const at = written.indexOf(WRITTEN_MARK, from);
    out += written.slice(from, at) + text;
    from = at + WRITTEN_MARK.length;
  }
  return out + written.slice(from);
}
