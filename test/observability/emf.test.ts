import { describe, expect, it } from '@jest/globals';
import { emfFields, emfName, emfUnit } from '../../src/observability/emf.js';
import { emfFaults } from './emf-rules.js';

describe('the name of a metric in CloudWatch', () => {
  it.each([
    ['queue_waiting', '', 'queueWaiting', 'Count'],
    ['due_lag_seconds', '', 'dueLagSeconds', 'Seconds'],
    ['messages_total', 'accepted', 'messagesAccepted', 'Count'],
    ['deliveries_written_total', 'handoff', 'deliveriesWrittenHandoff', 'Count'],
    ['delivery_latency_seconds', 'p99', 'deliveryLatencyP99Seconds', 'Seconds'],
    ['release_share', '', 'releaseShare', 'None'],
    ['process_memory_bytes', '', 'processMemoryBytes', 'Bytes'],
  ])('of %s %s is camel case with its unit last', (name, part, expected, unit) => {
    expect(emfName(name, part)).toBe(expected);
    expect(emfUnit(name)).toBe(unit);
  });
});

describe('the fields of a line', () => {
  const line = (fields: object) => JSON.stringify({ service: 'posthorn', ...fields });

  it('are an envelope that declares values at the root', () => {
    const fields = emfFields(
      [
        { name: 'messagesAccepted', unit: 'Count', value: 3 },
        { name: 'permitsInUse', unit: 'Count', value: [1, 2] },
      ],
      Date.now(),
    );

    expect(emfFaults(line(fields))).toEqual([]);
    expect(fields).toMatchObject({ messagesAccepted: 3, permitsInUse: [1, 2] });
  });

  it('are found wrong by the rules of these tests when they are', () => {
    const wrong = emfFields([{ name: 'a', unit: 'Metres' as 'Count', value: Number.NaN }], Date.now() / 1000);

    expect(emfFaults(line(wrong))).toEqual(['Timestamp is no integer', 'a has the unit Metres', 'a is not a number']);
  });
});
