import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** What ECR calls the severity of a finding, the gravest first. */
const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL', 'UNDEFINED'];
const TRIES = 60;
const SHOWN = 20;
/** Inspector writes some kilobytes about each finding, and an old base image has hundreds. Node's own limit is 1 MiB. */
const LONGEST_ANSWER = 256 * 1024 * 1024;

interface Scan {
  imageScanStatus?: { status?: string; description?: string };
  imageScanFindings?: {
    findingSeverityCounts?: Record<string, number>;
    findings?: { name?: string; severity?: string; uri?: string }[];
    enhancedFindings?: { title?: string; severity?: string }[];
  };
}

/**
 * Ends a release whose image has findings of this severity or a graver one. Waits until the scan that began with the push is done: by
 * ECR itself, or by Inspector where the registry is set to it. Throws a sentence that says what to do.
 */
export async function judgeImage(
  image: string,
  severity: string,
  ask: (image: string) => Scan | null,
  pauseMs = 5_000,
): Promise<string> {
  if (severity === 'NONE') return 'The image scan is no gate (scanSeverity is NONE).';
  const limit = SEVERITIES.indexOf(severity);
  if (limit < 0) throw new Error(`SCAN_SEVERITY is "${severity}": make it one of ${SEVERITIES.slice(0, 4).join(', ')} or NONE.`);
  const { findingSeverityCounts: counts = {}, findings = [], enhancedFindings = [] } = await scanOf(image, ask, pauseMs);
  const grave = SEVERITIES.slice(0, limit + 1);
  const found = grave.filter((name) => (counts[name] ?? 0) > 0).map((name) => `${counts[name]} ${name}`);
  if (found.length === 0) return `The image scan found nothing from ${severity} on.`;
  const named = [...findings, ...enhancedFindings.map(({ title, ...rest }) => ({ ...rest, name: title }))]
    .filter((finding) => grave.includes(finding.severity ?? ''))
    .slice(0, SHOWN)
    .map((finding) => `  ${finding.severity} ${finding.name ?? '?'} ${'uri' in finding ? (finding.uri ?? '') : ''}`.trimEnd());
  throw new Error(
    [
      `The image has findings: ${found.join(', ')}. Nothing is released.`,
      ...named,
      'Update the base image or the package that is named, or set scanSeverity (infra/cdk.json) to what you accept.',
    ].join('\n'),
  );
}

async function scanOf(image: string, ask: (image: string) => Scan | null, pauseMs: number) {
  for (let left = TRIES; left > 0; left--) {
    const scan = ask(image);
    const { status, description } = scan?.imageScanStatus ?? {};
    if (status === 'COMPLETE' || status === 'ACTIVE') return scan?.imageScanFindings ?? {};
    if (status && status !== 'IN_PROGRESS' && status !== 'PENDING')
      throw new Error(
        `The image could not be scanned: ${status} ${description ?? ''}. Look at the repository's scan settings, or set scanSeverity to NONE.`,
      );
    await sleep(pauseMs);
  }
  throw new Error('The image scan is not done after 5 minutes. Start the release again, or set scanSeverity to NONE.');
}

/** Null as long as there is no scan: it begins a moment after the push. */
function askRegistry(image: string): Scan | null {
  const [repository = '', digest = ''] = image.split('@');
  const name = repository.slice(repository.indexOf('/') + 1);
  const call = ['ecr', 'describe-image-scan-findings', '--repository-name', name, '--image-id', `imageDigest=${digest}`];
  try {
    const answer = execFileSync('aws', [...call, '--output', 'json'], {
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: LONGEST_ANSWER,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return JSON.parse(answer) as Scan;
  } catch (error) {
    const { stderr, code } = error as { stderr?: string | null; code?: string };
    if (stderr?.includes('ScanNotFoundException')) return null;
    const said = code === 'ENOENT' ? 'the AWS CLI (aws) is not installed here.' : stderr?.trim() || (error as Error).message;
    throw new Error(`The image scan could not be read: ${said}`, { cause: error });
  }
}

if (import.meta.main) {
  try {
    const [image = '', severity = ''] = process.argv.slice(2);
    process.stdout.write(`${await judgeImage(image, severity, askRegistry)}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
