import { both, inFile, inSettings, type Mistake } from './mistake.js';

/** What a team may change without being told anything. */
export const RIGHT_CHANGES: readonly [string, Mistake['plant']][] = [
  ['more retries of the health check', inFile('taskdef', '"retries": 3', '"retries": 5')],
  ['a comment in appspec.yaml', inFile('appspec', 'version: 0.0', 'version: 0.0 # the only one')],
  ['no platform version', inFile('appspec', '        PlatformVersion: LATEST\n', '')],
  ['a lint step in the build', inFile('buildspec', '      - npm cit', '      - npm cit\n      - npm run lint')],
  ['a longer wait', inFile('buildspec', '--wait-timeout 300', '--wait-timeout 600')],
  ['one scenario after the other', inFile('buildspec', '--report /', '--at-once 1 --report /')],
  ['a label of the image', inFile('dockerfile', 'EXPOSE 3000', 'LABEL team="hooks"\nEXPOSE 3000')],
  [
    'the licence in the image',
    both(
      inFile('dockerfile', 'COPY package.json ./\nUSER', 'COPY package.json LICENSE ./\nUSER'),
      inFile('dockerignore', '!src', '!src\n!LICENSE'),
    ),
  ],
  ['tests without their snapshots', inFile('dockerignore', '!test\n', '!test\ntest/**/*.snap\n')],
  ['a size of /tmp', inFile('compose', 'tmpfs: [/tmp]', "tmpfs: ['/tmp:size=64m']")],
  ['options of MySQL alone', inFile('compose', '    mem_limit: 1g', "    command: ['--max-connections=300']\n    mem_limit: 1g")],
  [
    'a service of their own',
    inFile(
      'compose',
      '  receiver:\n',
      "  adminer:\n    image: adminer:5.3.0\n    ports: ['127.0.0.1:${ADMINER_PORT:-8081}:8080']\n\n  receiver:\n",
    ),
  ],
  ['a script of their own', inFile('packageJson', '"lint":', '"docs": "node docs.mjs",\n    "lint":')],
  ['a script that mends what it can', inFile('packageJson', '"lint":', '"lint:fix": "oxlint --fix src || true",\n    "lint":')],
  ['npm by its version', inFile('packageJson', '"private": true', '"private": true,\n  "packageManager": "npm@11.6.0"')],
  ['logs for a year', inSettings(['logs', 'retentionDays'], 365)],
  ['more memory', inSettings(['sizes', 'small', 'memory'], 2_048)],
  ['more tasks', inSettings(['sizes', 'small', 'tasks', 'max'], 6)],
  ['another instance class', inSettings(['sizes', 'medium', 'database', 'instanceClass'], 'r7g.large')],
  ['another branch', inSettings(['pipeline', 'branch'], 'release/2026')],
  ['another port of the test listener', inSettings(['loadBalancer', 'https', 'test'], 9_443)],
];
