/** The value of one series in the text that Prometheus reads; undefined if it isn't there. */
export function seriesIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
