import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';

/** A placeholder for a source text while the answer around it is written. It is random, so no text of a client can contain it. */
const MARK = randomBytes(18).toString('base64url');
const WRITTEN_MARK = `"${MARK}"`;

/** The source texts of the answer that is being written, in order; null while no answer is written. */
let met: string[] | null = null;

/** A JSON value in an answer that is kept as the text of its author. It is never parsed and written again, so it does not change. */
export class JsonText {
  /** @param text must be one valid JSON value: it is copied into the answer without a check */
  constructor(readonly text: string) {}

  /** Called by JSON.stringify in `writtenJson`. Other callers would not replace the placeholder by the text. */
  toJSON(): string {
    if (met === null) throw new Error('A JsonText is written by writtenJson alone');
    met.push(this.text);
    return MARK;
  }
}

/** JSON.stringify, with the text of each JsonText inside the value unchanged. */
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

/** An answer that is written piece by piece: the text of a T as JSON. */
export class JsonPieces<T> extends Readable {
  /** Never set: it only tells the compiler what is written. */
  declare readonly value: T;

  constructor(private readonly pieces: AsyncGenerator<string>) {
    super();
  }

  override _read(): void {
    this.pieces.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: Error) => this.destroy(error),
    );
  }
}

/**
 * An object with a list that is too long to be written at once.
 *
 * @param around the object, with an empty list under `key`
 * @param pages the items of the list, some at a time
 */
export function withList<T extends object>(around: T, key: keyof T & string, pages: AsyncIterable<unknown[]>): JsonPieces<T> {
  return new JsonPieces<T>(piecesOf(around, key, pages));
}

async function* piecesOf(around: object, key: string, pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  const [before, after] = writtenJson(around).split(`${JSON.stringify(key)}:[]`);
  yield `${before}${JSON.stringify(key)}:[`;
  let comma = '';
  for await (const items of pages) {
    if (items.length === 0) continue;
    yield comma + writtenJson(items).slice(1, -1);
    comma = ',';
  }
  yield `]${after}`;
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
