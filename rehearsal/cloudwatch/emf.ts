import type { Datum } from '../model.js';

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const MAX_VALUES = 100;

/**
 * The metrics in a line of a log: one datum for each value, in each set of dimensions. Other lines have none. What the specification calls
 * invalid is left out, as CloudWatch Logs does: a metric without a number, or a set with a dimension that the line has no text for.
 */
export function datumsOf(line: string): Datum[] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const root = parsed(line);
  const directives = root?.['_aws']?.CloudWatchMetrics;
  return Array.isArray(directives) ? directives.flatMap((directive) => ofDirective(directive, root!)) : [];
}

type Line = Record<string, unknown> & { _aws?: { CloudWatchMetrics?: unknown } };

function ofDirective(directive: unknown, root: Line): Datum[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = (directive ?? {}) as Record<string, unknown>;
  if (typeof namespace !== 'string' || !Array.isArray(sets) || !Array.isArray(metrics)) return [];
  const dimensions = sets.map((names) => dimensionsOf(names, root)).filter((set) => set !== null);
  return metrics.flatMap(({ Name: name }) =>
    valuesOf(root[name]).flatMap((value) => dimensions.map((set) => ({ namespace, name: String(name), dimensions: set, value }))),
  );
}

function dimensionsOf(names: unknown, root: Line): Record<string, string> | null {
  if (!Array.isArray(names) || !names.every((name) => typeof root[name] === 'string')) return null;
  return Object.fromEntries(names.map((name) => [name, root[name] as string]));
}

function valuesOf(value: unknown): number[] {
  const values = Array.isArray(value) ? value : [value];
  return values.length <= MAX_VALUES && values.every((one) => typeof one === 'number') ? values : [];
}

function parsed(line: string): Line | null {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
