import { z } from 'zod';

const names = z.record(z.string(), z.string());

/** package.json, as far as the build and the image depend on it. */
export const packageGrammar = z.looseObject({
  type: z.literal('module', { error: 'must be module: Node would read dist/ as CommonJS, and the service does not start' }),
  private: z.literal(true, { error: 'must be true: the service is not published' }),
  packageManager: z
    .string()
    .startsWith('npm@', 'must be npm: the build runs npm cit and the image npm ci, by package-lock.json')
    .optional(),
  workspaces: z.tuple([z.literal('portal')], {
    error: 'must be ["portal"] alone: npm ci installs the packages of all workspaces, and the build needs only those',
  }),
  engines: z.looseObject({
    node: z.string().regex(/^>=\d+(\.\d+){0,2}$/, 'must be the oldest version that is supported, such as >=24.0.0'),
  }),
  scripts: names,
  dependencies: names,
  devDependencies: names,
  optionalDependencies: names.default({}),
});

export type PackageJson = z.infer<typeof packageGrammar>;
