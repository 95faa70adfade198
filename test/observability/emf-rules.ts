const UNITS = new Set(
  ['Seconds', 'Microseconds', 'Milliseconds', 'Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Percent', 'Count', 'None'].concat([
    'Bytes/Second',
    'Count/Second',
  ]),
);
const FORTNIGHT_MS = 14 * 86_400_000;
const TWO_HOURS_MS = 2 * 3_600_000;

type Json = Record<string, any>;

/** What CloudWatch would not take about a line in embedded metric format, as far as its rules are known; empty if it is right. */
export function emfFaults(line: string): string[] {
  if (Buffer.byteLength(line) > 256 * 1024) return ['the line is larger than 256 KiB'];
  if (line.includes('\n')) return ['it is more than one line'];
  const root: Json = JSON.parse(line);
  const { _aws: envelope } = root;
  if (typeof envelope !== 'object' || envelope === null) return ['there is no _aws at the root'];
  const faults: string[] = [];
  const { Timestamp, CloudWatchMetrics } = envelope;
  if (!Number.isInteger(Timestamp)) faults.push('Timestamp is no integer');
  else if (Timestamp < Date.now() - FORTNIGHT_MS || Timestamp > Date.now() + TWO_HOURS_MS)
    faults.push('Timestamp is not in ms, or not now');
  if (!Array.isArray(CloudWatchMetrics) || CloudWatchMetrics.length === 0) return [...faults, 'there are no CloudWatchMetrics'];
  return [...faults, ...CloudWatchMetrics.flatMap((directive) => directiveFaults(directive, root))];
}

/** The metrics that a line declares. */
export function emfNames(line: string): string[] {
  const { _aws: envelope } = JSON.parse(line);
  return envelope.CloudWatchMetrics.flatMap(({ Metrics }: Json) => Metrics.map(({ Name }: Json) => Name));
}

function directiveFaults({ Namespace, Dimensions, Metrics }: Json, root: Json): string[] {
  const faults: string[] = [];
  if (typeof Namespace !== 'string' || !/^[\w.#:/-]{1,255}$/.test(Namespace)) faults.push('the namespace is no name');
  if (!Array.isArray(Dimensions) || Dimensions.length === 0) faults.push('there are no dimensions');
  for (const name of (Dimensions as string[][]).flat()) {
    const value = root[name];
    if (typeof value !== 'string' || value === '' || value.length > 1024)
      faults.push(`dimension ${name} has no text at the root`);
  }
  if ((Dimensions as string[][]).some((set) => set.length > 30)) faults.push('a set has more than 30 dimensions');
  if (!Array.isArray(Metrics) || Metrics.length === 0 || Metrics.length > 100) faults.push('there must be 1 to 100 metrics');
  const names = (Metrics as Json[]).map(({ Name }) => Name);
  if (new Set(names).size !== names.length) faults.push('a metric is declared twice');
  return [...faults, ...(Metrics as Json[]).flatMap((metric) => metricFaults(metric, root))];
}

function metricFaults({ Name, Unit, ...rest }: Json, root: Json): string[] {
  if (typeof Name !== 'string' || Name === '' || Name.length > 1024) return ['a metric has no name'];
  const faults: string[] = [];
  if (Unit !== undefined && !UNITS.has(Unit)) faults.push(`${Name} has the unit ${Unit}`);
  const unknown = Object.keys(rest).filter((key) => key !== 'StorageResolution');
  if (unknown.length > 0) faults.push(`${Name} has ${unknown.join(', ')}`);
  const values = Array.isArray(root[Name]) ? root[Name] : [root[Name]];
  if (values.length === 0 || values.length > 100) faults.push(`${Name} has ${values.length} values`);
  if (!values.every((value: unknown) => typeof value === 'number' && Number.isFinite(value)))
    faults.push(`${Name} is not a number`);
  return faults;
}
