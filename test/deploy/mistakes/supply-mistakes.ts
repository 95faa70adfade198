import { mistakesIn, type Mistake } from './mistake.js';

const buildspec = mistakesIn('buildspec');

const RESOLVE = /      # Asked once.*\n      - BASE_DIGEST=.*\n/;
const BUILD = 'docker buildx build';

/** What an image is made from, and what is known of it. */
export const SUPPLY_MISTAKES: readonly Mistake[] = [
  buildspec('a base image by its tag', '@$BASE_DIGEST"', '"', BUILD, 'build with node:24-bookworm-slim by its digest'),
  buildspec('a digest that nobody asked for', RESOLVE, '', BUILD, 'ask for the digest of node:24-bookworm-slim before'),
  buildspec('a digest that is empty', '@$BASE_DIGEST"', '@$BASE"', BUILD, 'and build with that, not with $BASE'),
  buildspec('a digest that stays', '@$BASE_DIGEST"', `@sha256:${'0'.repeat(64)}"`, BUILD, 'ask for the digest in each build'),
  buildspec(
    'the digest of another image',
    '"$PUBLIC_IMAGES/$BASE_IMAGE" |',
    '"$PUBLIC_IMAGES/node:24" |',
    'BASE_DIGEST=',
    'ask for "$PUBLIC_IMAGES/node:24-bookworm-slim"',
  ),
  buildspec(
    'a digest from Docker Hub',
    '"$PUBLIC_IMAGES/$BASE_IMAGE" |',
    '"$BASE_IMAGE" |',
    'BASE_DIGEST=',
    'ask for "$PUBLIC_IMAGES/node:24-bookworm-slim"',
  ),
  buildspec(
    'an answer that may be empty',
    " | grep -m 1 -oE 'sha256:[0-9a-f]{64}'",
    '',
    'BASE_DIGEST=',
    'which fails when there is no digest',
  ),
  buildspec(
    'a second answer',
    '      - npm run check:image\n',
    "      - BASE_DIGEST=$(docker buildx imagetools inspect --format '{{json .Manifest.Digest}}' \"$PUBLIC_IMAGES/$BASE_IMAGE\" | grep -m 1 -oE 'sha256:[0-9a-f]{64}')\n      - npm run check:image\n",
    'BASE_DIGEST=',
    'ask once',
  ),
  {
    ...buildspec(
      'another base image',
      'BASE_IMAGE: node:24-',
      'BASE_IMAGE: node:22-',
      'FROM',
      'a --build-context in buildspec.yml',
    ),
    file: 'dockerfile',
  },
  buildspec(
    'no name of the base image',
    / +--label "org.opencontainers.image.base.name=.*\n/,
    '',
    BUILD,
    'image.base.name=$PUBLIC',
  ),
  buildspec('no digest in the image', / +--label "org.opencontainers.image.base.digest=.*\n/, '', BUILD, 'it is missing'),
  buildspec('another digest in the image', 'base.digest=$BASE_DIGEST"', 'base.digest=$DIGEST"', BUILD, 'it is $DIGEST'),
  buildspec(
    'no commit in the image',
    / +--label "org.opencontainers.image.revision=.*\n/,
    '',
    BUILD,
    'image.revision=$CODEBUILD',
  ),
  buildspec('nobody looks inside', '      - npm run check:image\n', '', 'docker push', 'look into the image before'),
  buildspec(
    'a look at the image of before',
    /( +- BASE_DIGEST=.*\n)([^]*?)( +- npm run check:image\n)/,
    '      - npm run check:image\n',
    'check:image',
    'build the image before',
  ),
  buildspec('no audit', '      - npm run audit\n', '', 'docker push', 'check the packages for known weaknesses'),
  buildspec('an audit that may fail', 'npm run audit', 'npm run audit || true', 'npm run audit', 'let the command fail'),
  buildspec('no list of parts', / +- node infra.supply.sbom\.ts .*\n/, '', 'sbom.cdx.json', 'write release/supply/sbom.cdx.json'),
  buildspec(
    'a list of parts by the tag',
    'sbom.ts "$DIGEST"',
    'sbom.ts "$IMAGE"',
    'infra/supply/sbom.ts',
    'list the parts of "$DIGEST"',
  ),
  buildspec(
    'a list of parts that is not kept',
    /    # Nobody takes it[^]*$/,
    '',
    'secondary-artifacts',
    'add the secondary artifact SupplyArtifact',
  ),
  buildspec(
    'no folder for the list',
    '      - mkdir -p release/supply/rehearsal\n',
    '',
    'sbom.ts',
    'make the folder before: mkdir -p release/supply',
  ),
];
