import { mistakesIn, type Mistake } from './mistake.js';

const buildspec = mistakesIn('buildspec');
const dockerfile = mistakesIn('dockerfile');
const dockerignore = mistakesIn('dockerignore');

const FETCH = /      # The image that was pushed last.*\n      - BEFORE=.*\n/;
const STAGE = /      - >-\n +docker buildx build [^\n]*--target [^]*?\n +\.\n/;
const PLAY = /      - >-\n +docker run [^]*?junit\.xml\n/;
const BASE = '--build-context "$BASE_IMAGE=docker-image://$PUBLIC_IMAGES/$BASE_IMAGE@$BASE_DIGEST"';
const RUN = 'docker run';

/** What a release is played with before the push, and what becomes of the result. */
export const REHEARSAL_MISTAKES: readonly Mistake[] = [
  buildspec('no rehearsal', PLAY, '', 'docker push', 'rehearse the release before the push'),
  buildspec(
    'a rehearsal that may fail',
    '--junit /release/supply/rehearsal/junit.xml',
    '--junit /release/supply/rehearsal/junit.xml || true',
    RUN,
    'let the command fail',
  ),
  buildspec('a release that is played against itself', '--before "/${BEFORE:-app}" ', '', RUN, 'give it --before "/${BEFORE'),
  buildspec('an option that may be empty', '"/${BEFORE:-app}"', '"/$BEFORE"', RUN, 'give it --before "/${BEFORE:-app}"'),
  buildspec('a folder that the container lacks', ' --volume "$PWD/release:/release"', '', RUN, 'mount the folder with --volume'),
  buildspec('an image that nobody fetches', FETCH, '', RUN, 'fetch the image that is replaced before'),
  buildspec('an image that may be missing', 'release/before)', 'release/before || true)', 'BEFORE=', 'let the command fail'),
  buildspec(
    'the image of another repository',
    '"$IMAGE_REPOSITORY_URI" release/before',
    '"$PUBLIC_IMAGES" release/before',
    'BEFORE=',
    'the repository that is pushed to',
  ),
  buildspec('no stage that rehearses', STAGE, '', RUN, 'build the stage that rehearses before'),
  buildspec('the stage of the tests', '--target rehearsal', '--target tests', '--target tests', 'whose ENTRYPOINT runs'),
  buildspec('a stage that is not there', '--target rehearsal', '--target play', '--target play', 'it has no play'),
  buildspec(
    'the stage in the place of the image',
    '--tag posthorn-rehearsal:local',
    '--tag posthorn:local',
    '--tag posthorn:local',
    'a --tag of its own',
  ),
  buildspec(
    'another image',
    'posthorn-rehearsal:local\n        --before',
    'posthorn:local\n        --before',
    RUN,
    'knows no other',
  ),
  {
    ...buildspec(
      'a stage from Docker Hub',
      `posthorn-rehearsal:local\n        ${BASE}`,
      'posthorn-rehearsal:local',
      'FROM',
      'a --build-context in buildspec.yml',
    ),
    file: 'dockerfile',
  },
  buildspec('a rehearsal with the network', ' --network none', '', RUN, 'add --network none'),
  buildspec('one scenario', '--before "/', 'good-release --before "/', RUN, 'remove good-release'),
  buildspec('another speed', '--before "/', '--speed 50 --before "/', RUN, 'remove --speed'),
  buildspec('reports that go with the container', '--report /release/supply/rehearsal ', '', RUN, 'keep what it found'),
  buildspec(
    'no folder for the reports',
    '      - mkdir -p release/supply/rehearsal\n',
    '',
    RUN,
    'make the folder before: mkdir -p release/supply/rehearsal',
  ),
  buildspec(
    'reports that nobody keeps',
    '[sbom.cdx.json, rehearsal/*]',
    '[sbom.cdx.json]',
    'files: [sbom',
    'put rehearsal/* into SupplyArtifact',
  ),
  buildspec('no report of the rehearsal', /  rehearsal:\n    files[^]*?JUNITXML\n/, '', 'reports:', 'add a report rehearsal'),
  buildspec(
    'a report of the rehearsal from another folder',
    'base-directory: release/supply/rehearsal',
    'base-directory: release',
    'files: [junit.xml]',
    'take release/supply/rehearsal/junit.xml',
  ),
  {
    ...dockerfile('all scenarios', ', "--short"]', ']', '--target rehearsal', 'runs rehearsal/rehearse.ts --short'),
    file: 'buildspec',
  },
  dockerfile('an old index', 'RUN apt-get update \\\n && ', 'RUN ', 'RUN DEBIAN', 'run apt-get update in the same RUN'),
  dockerfile('recommended packages', ' --no-install-recommends', '', 'RUN apt-get', 'add --no-install-recommends'),
  dockerfile('a question', ' --yes', '', 'RUN apt-get', 'add --yes'),
  dockerfile(
    'stacks without their lock',
    'COPY infra/package.json infra/package-lock.json',
    'COPY infra/package.json',
    'npm ci --prefix infra',
    'COPY infra/package-lock.json before npm ci',
  ),
  {
    ...dockerignore('stacks that stay out', '!infra/lib\n', '', 'COPY infra/lib', 'let .dockerignore pass infra/lib'),
    file: 'dockerfile',
  },
];
