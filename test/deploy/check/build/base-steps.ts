import { FILES } from '../project.js';
import { wordsOf } from './commands.js';
import { need, type Build } from './state.js';

const NAME = 'org.opencontainers.image.base.name';
const DIGEST = 'org.opencontainers.image.base.digest';
const REVISION = 'org.opencontainers.image.revision';
const RESOLVE = `BASE_DIGEST=$(docker buildx imagetools inspect --format '{{json .Manifest.Digest}}' "$PUBLIC_IMAGES/$BASE_IMAGE" | grep -m 1 -oE 'sha256:[0-9a-f]{64}')`;

/** The tag of a base image becomes a digest here. */
export function resolveBase(build: Build, [, variable = '', command = '']: RegExpExecArray): void {
  const { context, tell, baseDigests } = build;
  need(build, 'publicLogin');
  const words = wordsOf(command.split('|')[0] ?? '').map((word) => filledIn(build, word));
  const base = context.image.bases.find((name) => words.includes(`$PUBLIC_IMAGES/${name}`));
  if (!base) return tell(`ask for "$PUBLIC_IMAGES/${context.image.bases.join(' or ')}", which ${FILES.dockerfile} starts from`);
  if (!command.endsWith("| grep -m 1 -oE 'sha256:[0-9a-f]{64}'"))
    tell("end with | grep -m 1 -oE 'sha256:[0-9a-f]{64}', which fails when there is no digest");
  if (baseDigests.size > 0) tell(`ask once: a second answer for ${base} may be another digest`);
  baseDigests.set(variable, base);
}

/** Every base image comes from the registry where the build has logged in, by the digest that was asked for. */
export function checkBases(build: Build, given: readonly string[]): void {
  const { context, tell, baseDigests } = build;
  const { image } = context;
  const contexts = given.map((value) => filledIn(build, value));
  for (const base of image.bases) {
    const from = contexts.find((value) => value.startsWith(`${base}=docker-image://$PUBLIC_IMAGES/`));
    const [reference = '', digest] = from?.slice(`${base}=docker-image://$PUBLIC_IMAGES/`.length).split('@') ?? [];
    if (reference !== base)
      context.tellLine(
        'dockerfile',
        image.lineOf('FROM'),
        `give ${base} a --build-context in ${FILES.buildspec} that names the same image, or use the one that has: pulls from Docker Hub are counted`,
      );
    else if (digest === undefined)
      tell(
        `build with ${base} by its digest, --build-context "…@$BASE_DIGEST": a tag may move, and nobody could say what is in the image`,
      );
    else if (digest.startsWith('sha256:'))
      tell(`ask for the digest in each build: one that is written here stays when ${base} gets its security updates. ${RESOLVE}`);
    else if (baseDigests.get(digest.replace(/^\$\{?(\w+)\}?$/, '$1')) !== base)
      tell(`ask for the digest of ${base} before, and build with that, not with ${digest}: ${RESOLVE}`);
  }
}

/** The image says what it was made from; the list of its parts (SBOM) reads it there. */
export function checkLabels(build: Build, given: readonly string[]): void {
  const labels = new Map(given.map((label) => filledIn(build, label).split(/=(.*)/s).slice(0, 2) as [string, string]));
  const [base = ''] = build.context.image.bases;
  const [variable = 'BASE_DIGEST'] = build.baseDigests.keys();
  const wanted = {
    [NAME]: `$PUBLIC_IMAGES/${base}`,
    [DIGEST]: `$${variable}`,
    [REVISION]: '$CODEBUILD_RESOLVED_SOURCE_VERSION',
  };
  for (const [name, value] of Object.entries(wanted)) {
    if (labels.get(name) !== value)
      build.tell(`record it with the image: --label "${name}=${value}"; it is ${labels.get(name) ?? 'missing'}`);
  }
}

/** With the values of the file's own variables, but for the registry of public images. */
function filledIn({ context }: Build, text: string): string {
  const own = context.buildspec.env?.variables ?? {};
  return text.replace(/\$\{?(\w+)\}?/g, (all, name: string) =>
    name !== 'PUBLIC_IMAGES' && Object.hasOwn(own, name) ? String(own[name]) : all.replace(/[{}]/g, ''),
  );
}
