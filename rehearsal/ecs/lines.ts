import type { Readable } from 'node:stream';

/** CloudWatch Logs takes no longer events: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const LONGEST = 1_048_576;

/** Hands each line of a stream to the listener, the last one without its line end too. What is beyond 1 MiB of a line is left out. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!.slice(0, LONGEST);
    for (const part of parts) onLine(part.slice(0, LONGEST));
  });
  stream.on('end', () => rest && onLine(rest));
}

/** The last so many lines of what was added. */
export class LastLines {
  private readonly kept: string[] = [];
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  add(line: string): void {
    this.kept.push(line);
    if (this.kept.length > 2 * this.most) this.kept.splice(0, this.kept.length - this.most);
  }

  all(): string[] {
    return this.kept.slice(-this.most);
  }
}
