/** The units of CloudWatch that are used here. */
export type EmfUnit = 'Count' | 'Seconds' | 'Bytes' | 'Percent' | 'None';

/** A metric of one period. `value`: a number, or samples, of which CloudWatch makes statistics. */
export interface EmfMetric {
  name: string;
  unit: EmfUnit;
  value: number | number[];
}

const NAMESPACE = 'Posthorn';
/** Every line of the log has this field. */
const DIMENSION = 'service';

/**
 * The fields of a log line in the embedded metric format: the values at the root, and an envelope that tells CloudWatch Logs which of
 * the fields are metrics.
 */
export function emfFields(metrics: readonly EmfMetric[], atMs: number): Record<string, unknown> {
  return {
    _aws: {
      Timestamp: atMs,
      CloudWatchMetrics: [
        {
          Namespace: NAMESPACE,
          Dimensions: [[DIMENSION]],
          Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
        },
      ],
    },
    ...Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
  };
}

/** `queue_in_flight` → `queueInFlight`; `messages_total` of `accepted` → `messagesAccepted`; `…_seconds` of `p99` → `…P99Seconds`. */
export function emfName(name: string, part = ''): string {
  const [, stem = name, end = ''] = /^(.*?)(_total|_seconds|_bytes|_share)?$/.exec(name) ?? [];
  const words = [...stem.split('_'), ...part.split('_'), end === '_total' ? '' : end.slice(1)].filter((word) => word !== '');
  return words.map((word, at) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))).join('');
}

export function emfUnit(name: string): EmfUnit {
  if (name.endsWith('_seconds')) return 'Seconds';
  if (name.endsWith('_bytes')) return 'Bytes';
  return name.endsWith('_share') ? 'None' : 'Count';
}
