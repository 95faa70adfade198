import { join } from 'node:path';
import type { Context } from '../context.js';
import { FILES } from '../project.js';
import type { Build } from './state.js';

const FORMATS = { tests: ['JUNITXML'], coverage: ['CLOVERXML', 'COBERTURAXML', 'JACOCOXML', 'SIMPLECOV'] } as const;
/** What the report of the rehearsal is called; all others are Jest's. */
const REHEARSAL = 'rehearsal';

/** What is shown of a build: tests and coverage, as Jest writes them, and the rehearsal. */
export function checkReports(context: Context, build: Build): void {
  const { buildspec, tell } = context;
  const { [REHEARSAL]: rehearsal, ...others } = buildspec.reports ?? {};
  const reports = Object.values(others);
  const has = (formats: readonly string[]) => reports.some((report) => formats.includes(report['file-format'] ?? 'JUNITXML'));
  if (!has(FORMATS.tests)) tell('buildspec', ['reports'], 'add a report of the tests, file-format JUNITXML');
  if (!has(FORMATS.coverage)) tell('buildspec', ['reports'], 'add a report of the coverage, file-format CLOVERXML');
  checkJest(context, others);
  for (const [name, report] of Object.entries(buildspec.reports ?? {})) {
    if (report['discard-paths'] !== undefined)
      tell('buildspec', ['reports', name, 'discard-paths'], 'remove discard-paths: the report is at the top of its folder');
  }
  checkRehearsal(context, build, rehearsal);
}

type Reports = NonNullable<Context['buildspec']['reports']>;

/** jest.config.mjs writes junit.xml and clover.xml into the folder that TEST_REPORTS names. */
function checkJest({ project, buildspec, tell }: Context, reports: Reports): void {
  const { jestConfig } = project.texts;
  const [, junit = ''] = /\$\{reports\}\/([\w.-]+)/.exec(jestConfig) ?? [];
  const written: Readonly<Record<string, string>> = {
    JUNITXML: junit,
    CLOVERXML: /coverageReporters:.*'clover'/.test(jestConfig) ? 'clover.xml' : '',
  };
  const folder = buildspec.env?.variables?.['TEST_REPORTS'];
  if (folder === undefined)
    tell(
      'buildspec',
      ['env', 'variables'],
      `set TEST_REPORTS: ${FILES.jestConfig} writes reports only into a folder that is named there`,
    );
  for (const [name, report] of Object.entries(reports)) {
    const path = ['reports', name];
    if (report['base-directory'] !== folder)
      tell('buildspec', [...path, 'base-directory'], `make it ${String(folder)}, the folder in TEST_REPORTS, where Jest writes`);
    const file = written[report['file-format'] ?? 'JUNITXML'];
    if (report.files.join() !== file)
      tell(
        'buildspec',
        [...path, 'files'],
        `take ${file || 'nothing'}, which ${FILES.jestConfig} writes in this format: it is ${report.files.join(', ')}`,
      );
  }
}

function checkRehearsal({ tell }: Context, { files }: Build, report: Reports[string] | undefined): void {
  if (!report)
    return tell(
      'buildspec',
      ['reports'],
      `add a report ${REHEARSAL}, file-format JUNITXML, of what the rehearsal writes with --junit`,
    );
  const path = ['reports', REHEARSAL];
  if ((report['file-format'] ?? 'JUNITXML') !== 'JUNITXML')
    tell('buildspec', [...path, 'file-format'], 'make it JUNITXML, which the rehearsal writes');
  const written = [...files].filter(([name, { kind }]) => kind === 'a report' && !name.endsWith('*')).map(([name]) => name);
  const taken = report.files.map((file) => join(report['base-directory'] ?? '', file));
  if (written.length > 0 && taken.join() !== written.join())
    tell('buildspec', [...path, 'files'], `take ${written.join()}, which the rehearsal writes: it is ${taken.join(', ')}`);
}
