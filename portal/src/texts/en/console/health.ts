import { count, duration, number, percent } from '../../format.js';

const failures = (failed: number) => count(failed, 'attempt', 'attempts');

export const health = {
  title: 'Health',
  lead: 'Whether it is us, and who is hurt.',
  range: 'Time',
  ranges: { '1h': '1 hour', '24h': '24 hours', '7d': '7 days', '30d': '30 days' },
  verdict: {
    quiet: { title: 'Nothing was sent', text: 'No attempt was made in this time.' },
    good: (share: number, all: number) => ({
      title: 'Deliveries work',
      text: `${percent(share)} of ${count(all, 'attempt', 'attempts')} delivered.`,
    }),
    one: (failed: number, url: string, name: string) => ({
      title: 'One endpoint fails',
      text: `Most of the ${failures(failed)} that failed were at ${url} of ${name}.`,
    }),
    application: (failed: number, name: string) => ({
      title: 'One customer is hurt',
      text: `Most of the ${failures(failed)} that failed were at endpoints of ${name}.`,
    }),
    many: (failed: number, share: number, applications: number) => ({
      title: 'Many customers are hurt',
      text: `${failures(failed)} failed (${percent(share)}), at endpoints of ${applications < 10 ? number(applications) : '10 or more'} applications. Look at the processes and what they depend on.`,
    }),
    some: (failed: number, share: number) => ({
      title: 'Some attempts fail',
      text: `${failures(failed)} failed (${percent(share)}), spread over several endpoints.`,
    }),
    away: (names: string) => ({
      title: 'It is us: something that the service needs is away',
      text: `${names}. Messages are kept and sent later, as far as they were accepted.`,
    }),
    stale: (stale: number) => ({
      title: 'It is us: a process is silent',
      text: `${count(stale, 'process has', 'processes have')} not been heard of for more than 30 seconds.`,
    }),
  },
  facts: {
    delivered: 'Delivered',
    failed: 'Failed',
    rate: 'Attempts per second',
    latency: 'Answer time, half and 95 %, estimated',
    letters: 'Dead letters',
    lettersSome: (some: number, more: boolean) => `${number(some)}${more ? ' or more' : ''}`,
    inWork: 'Being sent now',
    none: 'None',
  },
  latency: (half: number | null, most: number | null) =>
    half === null || most === null ? '–' : `${duration(half)}, ${duration(most)}`,
  throughput: 'Attempts',
  attempts: 'Delivered and failed attempts over time',
  delivered: 'Delivered',
  failed: 'Failed',
  answerTime: 'Answer time',
  answerTimes: 'Time until the answer of endpoints',
  p50: 'Half (p50)',
  p95: '95 % (p95)',
  failing: { title: 'Failing endpoints', empty: 'No endpoint has failed', text: 'Every attempt in this time was delivered.' },
  slow: { title: 'Slowest endpoints', empty: 'No endpoint was asked', text: 'Nothing was sent in this time.' },
  columns: {
    endpoint: 'Endpoint',
    application: 'Application',
    failed: 'Failed',
    share: 'Share',
    latency: 'p50, p95',
    waiting: 'Waiting',
  },
  disabled: 'Disabled',
  waiting: (amount: number, most: number) => (amount >= most ? `${number(most)}+` : number(amount)),
  processes: 'Processes of the service',
  allProcesses: 'All about the processes',
};
