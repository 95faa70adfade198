import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Below HIGH, as npm and the advisories call them. All others end the build, also one that nobody knows. */
const MILD = ['INFO', 'LOW', 'MODERATE'];
/** What a registry answers that has no audits. Anything else is a failure: it may work in a minute. */
const NO_AUDITS = [404, 405, 410, 501];
const DAY_MS = 86_400_000;

/** A known weakness of an installed version. */
export interface Finding {
  advisory: string;
  name: string;
  severity: string;
  title: string;
}

/** A finding that is accepted for a time. */
export interface Waiver {
  advisory: string;
  package: string;
  /** The last day, as 2026-12-31. */
  until: string;
  reason: string;
}

/** An advisory in OSV's format, as far as it is read here. */
export interface Advisory {
  id: string;
  summary: string;
  affected: { package: { ecosystem: string; name: string }; ranges: { events: { introduced?: string; fixed?: string }[] }[] }[];
  database_specific: { severity: string };
}

/** The list for registries without audits. */
export interface AdvisoryList {
  publishedUntil: string;
  advisories: Advisory[];
}

interface Report {
  auditReportVersion?: number;
  vulnerabilities?: Record<string, { via: (string | { name: string; title: string; url: string; severity: string })[] }>;
  statusCode?: number;
  message?: string;
  error?: { code?: string; summary?: string };
}

/** What `npm audit --json` found; undefined if the registry has no audits. Throws when it could not be asked. */
export function findingsOf(report: Report): Finding[] | undefined {
  if (report.auditReportVersion === undefined) {
    if (NO_AUDITS.includes(report.statusCode ?? 0)) return undefined;
    const why = report.error?.summary || report.message || 'it gave no report';
    throw new Error(`npm audit failed: ${why}. Run it again, or check against the list alone: npm run audit -- --offline`);
  }
  const via = Object.values(report.vulnerabilities ?? {}).flatMap((one) => one.via);
  const findings = via.flatMap((one) =>
    typeof one === 'string'
      ? []
      : [
          {
            advisory: one.url.split('/').at(-1) ?? one.url,
            name: one.name,
            severity: one.severity.toUpperCase(),
            title: one.title,
          },
        ],
  );
  return [...new Map(findings.map((finding) => [`${finding.advisory} ${finding.name}`, finding])).values()];
}

/** What the list says of these packages. */
export function findingsIn({ advisories }: AdvisoryList, packages: readonly { name: string; version: string }[]): Finding[] {
  return advisories.flatMap(({ id, summary, affected, database_specific: { severity } }) =>
    affected.flatMap(({ package: { name }, ranges }) =>
      packages
        .filter((one) => one.name === name && ranges.some(({ events }) => covers(events, one.version)))
        .map(({ version }) => ({ advisory: id, name, severity, title: `${summary} (${version})` })),
    ),
  );
}

/** OSV's ranges: the last event at or below the version decides. */
function covers(events: readonly { introduced?: string; fixed?: string }[], version: string): boolean {
  const sorted = events
    .map(({ introduced, fixed }) => ({ at: introduced ?? fixed ?? '0', open: introduced !== undefined }))
    .sort((a, b) => compareVersions(a.at, b.at));
  return sorted.findLast(({ at }) => compareVersions(at, version) <= 0)?.open ?? false;
}

/** By the rules of semver.org, without build metadata. */
export function compareVersions(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => {
    const [, numbers = '', pre = ''] = /^v?([\d.]+)(?:-([^+]+))?/.exec(version) ?? [];
    return { numbers: numbers.split('.'), pre: pre === '' ? [] : pre.split('.') };
  }) as [Parsed, Parsed];
  for (let at = 0; at < 3; at++) {
    const step = Number(one.numbers[at] ?? 0) - Number(other.numbers[at] ?? 0);
    if (step !== 0) return step;
  }
  if (one.pre.length === 0 || other.pre.length === 0) return other.pre.length - one.pre.length;
  for (let at = 0; at < Math.max(one.pre.length, other.pre.length); at++) {
    const step = compareParts(one.pre[at], other.pre[at]);
    if (step !== 0) return step;
  }
  return 0;
}

interface Parsed {
  numbers: string[];
  pre: string[];
}

/** Fewer parts are older; numbers are older than words. */
function compareParts(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [first, second] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (first && second) return Number(a) - Number(b);
  if (first !== second) return first ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Findings after waivers: `faults` end the build, `notes` are only told. `today` as 2026-12-31. */
export function judge(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  today: string,
): { faults: string[]; notes: string[] } {
  const faults = waivers
    .filter((one) => !one.reason?.trim() || !/^\d{4}-\d\d-\d\d$/.test(one.until ?? ''))
    .map(
      (one) => `Give the waiver of ${one.advisory} in infra/supply/waivers.json a reason, and a last day (until) as 2026-12-31.`,
    );
  const notes: string[] = [];
  for (const finding of findings) {
    const said = `${finding.severity} ${finding.name}: ${finding.title}, ${finding.advisory}`;
    const waiver = waivers.find((one) => one.advisory === finding.advisory && one.package === finding.name);
    const grave = !MILD.includes(finding.severity);
    if (!grave) notes.push(`${said}. It is below HIGH.`);
    else if (waiver && waiver.until >= today) notes.push(`${said}. Accepted until ${waiver.until}: ${waiver.reason}`);
    else if (waiver) faults.push(`${said}. Its waiver ended on ${waiver.until}: update the package, or decide anew.`);
    else faults.push(`${said}. Update the package, or accept it for a time in infra/supply/waivers.json.`);
  }
  for (const { advisory, package: name } of waivers) {
    if (!findings.some((finding) => finding.advisory === advisory && finding.name === name))
      notes.push(
        `Remove the waiver of ${advisory} for ${name} from infra/supply/waivers.json: nothing was found that it is for.`,
      );
  }
  return { faults, notes };
}

/** Everything that production installs, by package-lock.json. */
export function productionPackages(lock: Lock): { name: string; version: string }[] {
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
    .map(([path, { name, version = '' }]) => ({ name: name ?? path.slice(path.lastIndexOf('node_modules/') + 13), version }));
}

interface Lock {
  packages: Record<string, { name?: string; version?: string; dev?: boolean; devOptional?: boolean }>;
}

function askRegistry(): Finding[] | undefined {
  const { stdout, stderr, error } = spawnSync('npm', ['audit', '--json', '--omit=dev'], {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`npm audit could not be run: ${error.message}`, { cause: error });
  let report: Report;
  try {
    report = JSON.parse(stdout) as Report;
  } catch (cause) {
    throw new Error(`npm audit gave no report: ${stderr.trim() || stdout.trim() || 'it said nothing'}`, { cause });
  }
  return findingsOf(report);
}

if (import.meta.main) {
  const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    const packages = productionPackages(read('package-lock.json'));
    const asked = process.argv.includes('--offline') ? undefined : askRegistry();
    const list: AdvisoryList = read('infra/supply/advisories.json');
    const age = Math.floor((Date.now() - Date.parse(list.publishedUntil)) / DAY_MS);
    say(
      asked
        ? `npm audit: the registry checked the ${packages.length} packages of production.`
        : `No audit by the registry. Checked the ${packages.length} packages of production against infra/supply/advisories.json: ${list.advisories.length} advisories, published until ${list.publishedUntil} (${age} days ago).`,
    );
    const { faults, notes } = judge(
      asked ?? findingsIn(list, packages),
      read('infra/supply/waivers.json'),
      new Date().toISOString().slice(0, 10),
    );
    for (const note of notes) say(note);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    say('Nothing from HIGH on that is not accepted.');
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
