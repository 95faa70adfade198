import { GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';

const MINUTE_MS = 60_000;
/** Minutes that are looked at. */
const MINUTES = 5;
/** The youngest minutes are left out: their numbers are not complete in CloudWatch yet. */
const UNSETTLED = 2;
const ALB = 'AWS/ApplicationELB';

/**
 * @typedef {import('@aws-sdk/client-cloudwatch').CloudWatchClient} CloudWatchClient
 *
 * @typedef {object} Counted which metrics have the requests
 * @property {string} loadBalancer and `targetGroups`: as metrics name them
 * @property {string[]} targetGroups
 * @property {string} namespace and `service`: where our own requests are counted
 * @property {string} service
 */

export const OWN = 'syntheticRequests';

/**
 * Requests a second that others sent in the last minutes: those that the target groups got, without our own. Throws what the SDK throws.
 * @param {CloudWatchClient} client
 * @param {Counted} counted
 * @param {number} now in ms
 */
export async function requestsOfOthers(client, { loadBalancer, targetGroups, namespace, service }, now) {
  const end = Math.floor(now / MINUTE_MS) * MINUTE_MS - UNSETTLED * MINUTE_MS;
  const queries = targetGroups.map((group, at) =>
    sum(`group${at}`, ALB, 'RequestCount', { TargetGroup: group, LoadBalancer: loadBalancer }),
  );
  const { MetricDataResults: results = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(end - MINUTES * MINUTE_MS),
      EndTime: new Date(end),
      MetricDataQueries: [...queries, sum('own', namespace, OWN, { service })],
    }),
  );
  const totals = results.map(({ Id, Values = [] }) => (Id === 'own' ? -1 : 1) * Values.reduce((all, one) => all + one, 0));
  const others = totals.reduce((all, one) => all + one, 0);
  return Math.max(0, others) / (MINUTES * 60);
}

/**
 * Writes down how many requests were ours, by minute, so that the next runs can leave them out. Throws what the SDK throws.
 * @param {CloudWatchClient} client
 * @param {Counted} counted
 * @param {Map<number, number>} byMinute
 */
export async function recordOwn(client, { namespace, service }, byMinute) {
  if (byMinute.size === 0) return;
  const Dimensions = [{ Name: 'service', Value: service }];
  const MetricData = [...byMinute].map(([minute, Value]) => ({
    MetricName: OWN,
    Dimensions,
    Timestamp: new Date(minute),
    Value,
    Unit: /** @type {const} */ ('Count'),
  }));
  await client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData }));
}

/**
 * @param {string} Id
 * @param {string} Namespace
 * @param {string} MetricName
 * @param {Record<string, string>} dimensions
 */
function sum(Id, Namespace, MetricName, dimensions) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Id, MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat: 'Sum' } };
}
