import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Book } from '../../rehearsal/journal.js';
import { Cast } from '../../rehearsal/report/cast.js';
import { eventLine, painter, statusLine, summaryOf, watch, type Paint } from '../../rehearsal/report/terminal.js';
import { Samples, type Sample } from '../../rehearsal/samples.js';
import { aRelease, entry, taskArn, VERDICTS, withFailures } from './report-parts.js';

const ESCAPE = '\u001b';
const PLAIN: Paint = (_, text) => text;

/** A stream that says that it is a terminal, or not. */
function stream(isTTY: boolean): PassThrough {
  return Object.assign(new PassThrough(), { isTTY });
}

function sampleAt(at: number): Sample {
  return aRelease().told.samples.find((sample) => sample.at === at)!;
}

describe('the status line', () => {
  const variables = { ...process.env };
  beforeEach(() => {
    for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) delete process.env[name];
  });
  afterEach(() => void Object.assign(process.env, variables));

  const status = () => ({ phase: 'AllowTraffic', sample: sampleAt(42_000), perSecond: 200, failed: 0 });

  it('shows the phase, the weights, the targets and the numbers', () => {
    const line = statusLine(status(), PLAIN);
    expect(line).toMatch(
      /^ {2}42\.0 s +AllowTraffic +traffic {2}90 █{11}▒ 10 +blue ●●● +green ●●● +200\/s +0 failed +p99 +\d+ ms +queue \d+ %$/,
    );
  });

  it('has no colour codes if the stream is no terminal', () => {
    expect(statusLine(status(), painter(stream(false)))).not.toContain(ESCAPE);
  });

  it('has colours at a terminal', () => {
    expect(statusLine(status(), painter(stream(true)))).toContain(ESCAPE);
  });

  it('counts failures of this second beside all', () => {
    const sample = withFailures(sampleAt(42_000), { '503': 2, ECONNRESET: 1 });
    expect(statusLine({ ...status(), sample, failed: 12 }, PLAIN)).toContain('12 failed (+3)');
  });

  it('has signs for targets that are not healthy', () => {
    const sample = sampleAt(42_000);
    sample.colours[1].targets = { healthy: 1, initial: 1, unhealthy: 1, draining: 1 };
    expect(statusLine({ ...status(), sample }, PLAIN)).toContain('●○✗◌');
  });

  it('is as long as the others of its release', () => {
    const lengths = aRelease().told.samples.map((sample) => {
      const line = statusLine({ ...status(), sample }, PLAIN);
      return line.slice(0, line.indexOf('queue')).length;
    });
    expect(new Set(lengths).size).toBe(1);
  });
});

describe('the line of an event', () => {
  const cast = () => {
    const made = new Cast();
    for (const one of aRelease().entries) made.add(one);
    return made;
  };
  const line = (...about: Parameters<typeof entry>) => eventLine(entry(...about), cast(), PLAIN);

  it('tells a shift by colours', () => {
    const weights = { 'posthorn-blue': 90, 'posthorn-green': 10 };
    expect(line(38_000, 'codedeploy', 'd-1', 'weights', { listener: 'production', weights })).toBe(
      '  38.0 s ▸ shift      production listener: blue 90, green 10',
    );
  });

  it('tells why a task stops', () => {
    const facts = { stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited' };
    expect(line(38_000, 'ecs', taskArn(4), 'stop requested', facts)).toContain(
      '✗ task       green task 44444444 in eu-west-1b stops. EssentialContainerExited: Essential container in task exited',
    );
  });

  it('tells verdicts of hooks, and alarms', () => {
    expect(line(1, 'codedeploy', 'd-1', 'hook.status', { phase: 'BeforeAllowTraffic', status: 'Failed' })).toContain(
      '✗ hook       the function of BeforeAllowTraffic says Failed',
    );
    expect(line(1, 'cloudwatch', 'green-5xx', 'alarm.state', { from: 'OK', to: 'ALARM', reason: 'Values 7.' })).toContain(
      '✗ alarm      green-5xx is ALARM. Values 7.',
    );
  });

  it('is one line, however many the text has', () => {
    const facts = { status: 'UNHEALTHY', output: 'one\ntwo' };
    expect(line(1, 'ecs', taskArn(4), 'container health', facts)).toContain('UNHEALTHY: one two');
  });

  it('is left out for small steps', () => {
    expect(line(1, 'ecs', taskArn(4), 'PENDING')).toBeNull();
    expect(line(1, 'lambda', 'check', 'log', { line: 'x' })).toBeNull();
    expect(line(1, 'cloudwatch', 'green-5xx', 'alarm.state', { from: 'INSUFFICIENT_DATA', to: 'OK' })).toBeNull();
  });
});

describe('what is watched', () => {
  it('is told until it ends', () => {
    const journal = new Book({ now: () => 1_000, minutes: (ms) => ms, seconds: (ms) => ms });
    const lines: string[] = [];
    const end = watch({ journal, samples: new Samples() }, (line) => lines.push(line), PLAIN);
    journal.note('scenario', 'database', 'broken');
    end();
    journal.note('scenario', 'database', 'mended');
    expect(lines.slice(1)).toEqual(['   1.0 s ✗ scenario   database: broken']);
  });
});

describe('the summary', () => {
  it('names what does not hold', () => {
    const verdicts = [...VERDICTS, { text: 'no message came twice', holds: false, detail: '3 came twice' }];
    const lines = summaryOf({ name: 'crash-loop', title: 'Green crashes', seconds: 61, sent: 10, busy: 0, verdicts }, PLAIN);
    expect(lines).toEqual([
      'FAILED crash-loop: Green crashes (61 s, 10 requests)',
      '         not so: no message came twice (3 came twice)',
    ]);
  });
});
