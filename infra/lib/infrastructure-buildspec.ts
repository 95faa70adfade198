/** Where the synthesized stacks are, in the project's folder. */
const ASSEMBLY = 'infra/dist/cdk.out';
const INSTALL = 'npm ci --prefix infra --no-audit --no-fund';

/** Variables of the plan that later stages read: how many stacks would change, and where that is written in full. */
export const PLAN_VARIABLES = { changes: 'STACKS_CHANGED', log: 'CODEBUILD_BUILD_URL' } as const;

/** What the plan project runs on the source: it synthesizes all stacks, and shows what would change in each. */
export function planBuildSpec(): Record<string, unknown> {
  return {
    version: '0.2',
    env: { shell: 'bash', 'exported-variables': Object.values(PLAN_VARIABLES) },
    phases: {
      install: { 'runtime-versions': { nodejs: 24 }, commands: [INSTALL] },
      build: { commands: [planScript(), `export ${PLAN_VARIABLES.changes}=$(cat /tmp/stacks-changed)`] },
    },
    artifacts: { files: ['infra/package.json', 'infra/package-lock.json', 'infra/cdk.json', `${ASSEMBLY}/**/*`] },
  };
}

/** Synthesizes, shows the difference, and writes the number of stacks that differ to a file. */
export function planScript(): string {
  return `(
set -eu
cd infra
npx --no-install cdk synth --quiet
npx --no-install cdk diff --app dist/cdk.out --all --method template --no-color 2>&1 | tee /tmp/diff.txt
test "\${PIPESTATUS[0]}" = 0
sed -n 's/.*Number of stacks with differences: \\([0-9]*\\).*/\\1/p' /tmp/diff.txt | tail -1 > /tmp/stacks-changed
if ! grep -q . /tmp/stacks-changed; then echo 'cdk diff did not say how many stacks differ.'; exit 1; fi
)`;
}

/** What the infrastructure project runs on the plan's artifact: it deploys the stacks that the variable STACKS names. */
export function infrastructureBuildSpec(): Record<string, unknown> {
  return {
    version: '0.2',
    env: { shell: 'bash' },
    phases: {
      install: { 'runtime-versions': { nodejs: 24 }, commands: [INSTALL] },
      build: {
        commands: [
          `cd infra && npx --no-install cdk deploy --app dist/cdk.out --exclusively --require-approval never --progress events $STACKS`,
        ],
      },
    },
  };
}
