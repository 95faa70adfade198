import { parseExpression, type Node } from './metric-math-parser.js';

/** Values of the same periods, the oldest first; null is missing. */
export type Series = readonly (number | null)[];

/** A number, a time series, or an array of them: S, TS and TS[] in AWS's documentation. */
type Value = { kind: 'number'; value: number } | { kind: 'series'; values: Series } | { kind: 'list'; items: Series[] };

type Call = (given: Value[], metrics: ReadonlyMap<string, Series>, nodes: Node[]) => Value;

/**
 * Evaluates an expression of metric math over metrics by their ids, whose series have the same length. It knows what alarms need:
 * arithmetic, comparisons, AND and OR, IF, FILL with a number, SUM, AVG, MIN, MAX, ABS, CEIL, FLOOR and METRICS.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @throws Error that names what it does not know, or that the result is no single time series
 */
export function evaluate(expression: string, metrics: ReadonlyMap<string, Series>): Series {
  const result = valueOf(parseExpression(expression), metrics, expression);
  if (result.kind !== 'series') throw new Error(`The expression ${expression} gives no single time series.`);
  return result.values;
}

const CALLS: Record<string, Call> = {
  IF: ([condition, whenTrue, otherwise]) => choose(given(condition, 'IF'), given(whenTrue, 'IF'), otherwise ?? null),
  FILL: ([filled, filler]) => {
    if (filler?.kind !== 'number') throw new Error('The rehearsal fills with numbers only: FILL(metric, 0).');
    const fill = (series: Series) => series.map((value) => value ?? filler.value);
    return eachSeries(given(filled, 'FILL'), fill, 'FILL');
  },
  // Missing values of an array count as 0 in its average, and are left out of the others.
  SUM: ([all]) => combined(given(all, 'SUM'), (values) => values.reduce((sum, one) => sum + one, 0)),
  MIN: ([all]) => combined(given(all, 'MIN'), (values) => Math.min(...values)),
  MAX: ([all]) => combined(given(all, 'MAX'), (values) => Math.max(...values)),
  AVG: ([all]) => combined(given(all, 'AVG'), (values, of) => values.reduce((sum, one) => sum + one, 0) / of),
  ABS: ([of]) => eachValue(given(of, 'ABS'), Math.abs),
  CEIL: ([of]) => eachValue(given(of, 'CEIL'), Math.ceil),
  FLOOR: ([of]) => eachValue(given(of, 'FLOOR'), Math.floor),
  METRICS: (_given, metrics, [text]) => {
    const part = text?.kind === 'text' ? text.value : '';
    return { kind: 'list', items: [...metrics].filter(([id]) => id.includes(part)).map(([, series]) => series) };
  },
};

const OPERATIONS: Record<string, (left: number, right: number) => number> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '<': (left, right) => Number(left < right),
  '<=': (left, right) => Number(left <= right),
  '>': (left, right) => Number(left > right),
  '>=': (left, right) => Number(left >= right),
  '==': (left, right) => Number(left === right),
  '!=': (left, right) => Number(left !== right),
  AND: (left, right) => Number(left !== 0 && right !== 0),
  OR: (left, right) => Number(left !== 0 || right !== 0),
};

function valueOf(node: Node, metrics: ReadonlyMap<string, Series>, expression: string): Value {
  const inner = (other: Node) => valueOf(other, metrics, expression);
  switch (node.kind) {
    case 'number':
      return node;
    case 'name': {
      const values = metrics.get(node.name);
      if (!values) throw new Error(`The expression ${expression} names ${node.name}, which is none of its metrics.`);
      return { kind: 'series', values };
    }
    case 'list':
      return { kind: 'list', items: node.items.flatMap((item) => seriesOf(inner(item), expression)) };
    case 'negated':
      return operation(inner(node.operand), { kind: 'number', value: -1 }, OPERATIONS['*']!);
    case 'operation':
      return operation(inner(node.left), inner(node.right), OPERATIONS[node.operator]!);
    case 'call': {
      const call = Object.hasOwn(CALLS, node.name) ? CALLS[node.name] : undefined;
      if (!call) throw new Error(`The rehearsal does not know the function ${node.name} of the expression ${expression}.`);
      const isByText = node.name === 'METRICS';
      return call(isByText ? [] : node.given.map(inner), metrics, node.given);
    }
    case 'text':
      throw new Error(`The rehearsal knows no text in the expression ${expression}.`);
  }
}

/**
 * Where one of two series has no value, it counts as 0; where both have none, nor has the result. A division by zero drops the value.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-arithmetic
 */
function operation(left: Value, right: Value, of: (left: number, right: number) => number): Value {
  if (left.kind === 'number' && right.kind === 'number') return { kind: 'number', value: of(left.value, right.value) };
  if (left.kind === 'list') return { kind: 'list', items: left.items.map((item) => pairwise(item, single(right), of)) };
  if (right.kind === 'list') return { kind: 'list', items: right.items.map((item) => pairwise(single(left), item, of)) };
  return { kind: 'series', values: pairwise(single(left), single(right), of) };
}

function pairwise(left: Series | number, right: Series | number, of: (left: number, right: number) => number): Series {
  const length = typeof left === 'number' ? (right as Series).length : left.length;
  return Array.from({ length }, (_none, at) => {
    const [one, other] = [pointOf(left, at), pointOf(right, at)];
    const known = [left, right].some((side, which) => typeof side !== 'number' && [one, other][which] !== null);
    const value = of(one ?? 0, other ?? 0);
    return known && Number.isFinite(value) ? value : null;
  });
}

/**
 * A condition of 0 is false. Where the condition is missing, nor is there a result; a missing value of the first choice counts as 0.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#using-IF-expressions
 */
function choose(condition: Value, whenTrue: Value, otherwise: Value | null): Value {
  const lengthOf = [condition, whenTrue, otherwise].find((value) => value?.kind === 'series');
  if (lengthOf?.kind !== 'series') throw new Error('IF needs a time series in one of its places.');
  const [test, first, second] = [single(condition), single(whenTrue), otherwise === null ? null : single(otherwise)];
  const values = lengthOf.values.map((_value, at) => {
    const holds = pointOf(test, at);
    if (holds === null) return null;
    if (holds !== 0) return pointOf(first, at) ?? (typeof test === 'number' ? null : 0);
    return second === null ? null : pointOf(second, at);
  });
  return { kind: 'series', values };
}

/** One series gives a number, an array gives a series. */
function combined(all: Value, of: (values: number[], count: number) => number): Value {
  if (all.kind === 'number') return all;
  const [first] = all.kind === 'list' ? all.items : [all.values];
  const present = (values: Series) => values.filter((value) => value !== null);
  if (all.kind === 'series') {
    const values = present(all.values);
    return { kind: 'number', value: values.length === 0 ? 0 : of(values, values.length) };
  }
  const values = (first ?? []).map((_value, at) => {
    const there = present(all.items.map((item) => item[at] ?? null));
    return there.length === 0 ? null : of(there, all.items.length);
  });
  return { kind: 'series', values };
}

function eachValue(of: Value, change: (value: number) => number): Value {
  return eachSeries(of, (series) => series.map((value) => (value === null ? null : change(value))), 'this function');
}

function eachSeries(of: Value, change: (series: Series) => Series, name: string): Value {
  if (of.kind === 'number') throw new Error(`${name} takes a time series, not a number.`);
  if (of.kind === 'series') return { kind: 'series', values: change(of.values) };
  return { kind: 'list', items: of.items.map(change) };
}

function seriesOf(value: Value, expression: string): Series[] {
  if (value.kind === 'number')
    throw new Error(`An array in the expression ${expression} has a number in it; it takes time series.`);
  return value.kind === 'series' ? [value.values] : value.items;
}

function single(value: Value): Series | number {
  if (value.kind === 'list') throw new Error('An array of time series stands where one time series has to.');
  return value.kind === 'number' ? value.value : value.values;
}

function pointOf(of: Series | number, at: number): number | null {
  return typeof of === 'number' ? of : (of[at] ?? null);
}

function given(value: Value | undefined, name: string): Value {
  if (!value) throw new Error(`${name} needs more than it is given.`);
  return value;
}
