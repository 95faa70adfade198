import type { Context } from '../context.js';

/** What programs are made of: Node loads files that end like this. */
const CODE = /^\*\.(c|m)?js$|^\*\.(json|node|wasm)$/;

/** What a stage deletes to make the image smaller must be nothing that the service loads. */
export function checkRemovals({ image, packageJson, tellLine }: Context): void {
  for (const { instructions } of image.stages) {
    for (const { name, rest, line } of instructions) {
      if (name !== 'RUN') continue;
      for (const command of rest.split('&&')) {
        for (const what of removedIn(command, packageJson.dependencies))
          tellLine('dockerfile', line, `do not delete ${what}: the service loads it, and would end when it starts`);
      }
    }
  }
}

function removedIn(command: string, dependencies: Readonly<Record<string, string>>): string[] {
  const words = command.trim().split(/\s+/);
  if (words[0] === 'rm')
    return words.filter((word) => {
      const [, path = ''] = /^(?:\/app\/)?node_modules\/?(.*?)(?:\/\*?)?$/.exec(word) ?? ['', 'not there'];
      return path === '' || path === '*' || path in dependencies;
    });
  if (words[0] !== 'find' || !words.includes('-delete')) return [];
  // With -path, only some of these files.
  const patterns = [...command.matchAll(/-i?name\s+'?([^'\s]+)'?/g)].map(([, pattern]) => pattern!);
  return command.includes('-path') ? [] : patterns.filter((pattern) => CODE.test(pattern));
}
