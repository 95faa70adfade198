import type { Context } from '../context.js';
import { FILES } from '../project.js';
import { lineOf } from '../text.js';

/** What no build may be given: what it makes itself, what is secret, and what is big. */
const KEPT_OUT = ['node_modules', '.git', 'dist', '.data', '.env', 'infra', 'coverage'];

/** Whether a path of the project stays out of a build. The last line that matches decides. */
export function ignores(text: string, path: string): boolean {
  let ignored = false;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '').replace(/^\/|\/$/g, '');
    if (covers(pattern, path)) ignored = !line.startsWith('!');
  }
  return ignored;
}

/** A pattern covers a path, and everything below it. `docs/*.md` covers itself, as the Dockerfile names it. */
function covers(pattern: string, path: string): boolean {
  if (pattern === path) return true;
  const source = pattern
    .replace(/[.+^${}()|[\]\\?]/g, String.raw`\$&`)
    .replaceAll('**/', '(.*/)?')
    .replaceAll('**', '.*')
    .replace(/(?<!\.)\*/g, '[^/]*');
  return new RegExp(`^${source}(/|$)`).test(path);
}

/** .dockerignore keeps out what must not be in an image. */
export function checkDockerignore({ project, tellLine }: Context): void {
  const { dockerignore } = project.texts;
  for (const path of KEPT_OUT) {
    if (!ignores(dockerignore, path))
      tellLine(
        'dockerignore',
        lineOf(dockerignore, `!${path}`),
        `ignore ${path}: a build would be given it, and ${FILES.dockerfile} could copy it into an image`,
      );
  }
}
