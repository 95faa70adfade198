import { mistakesIn } from './mistake.js';

const buildspec = mistakesIn('buildspec');

const SPEC = '      files: [taskdef.json, appspec.yaml, fill-in.ts]\n      base-directory: release/spec\n';

/** Which files reach the actions that take them. */
export const ARTIFACT_MISTAKES = [
  buildspec(
    'the files of the source',
    SPEC,
    '      files: [taskdef.json, appspec.yaml, fill-in.ts]\n',
    'SpecArtifact',
    'add base-directory: release/spec',
  ),
  buildspec(
    'the files of another folder',
    'base-directory: release/spec',
    'base-directory: release',
    'files: [taskdef',
    'write release/taskdef.json in a command',
  ),
  buildspec(
    'a file in a folder',
    SPEC,
    '      files: [release/spec/taskdef.json, release/spec/appspec.yaml, release/spec/fill-in.ts]\n',
    'files',
    'put taskdef.json and appspec.yaml and fill-in.ts into SpecArtifact',
  ),
  buildspec(
    'paths that are thrown away',
    SPEC,
    `${SPEC}      discard-paths: yes\n`,
    'discard-paths',
    'it changes under which path a file is',
  ),
  buildspec('an artifact with a name', SPEC, `${SPEC}      name: spec\n`, 'name: spec', 'by the name of their key'),
  buildspec(
    'a file too many',
    'files: [taskdef.json, appspec.yaml, fill-in.ts]',
    'files: [taskdef.json, appspec.yaml, fill-in.ts, package.json]',
    'package.json',
    'remove package.json from SpecArtifact',
  ),
  buildspec(
    'the primary artifact as the task definition',
    '  files: [imageDetail.json]\n  base-directory: release/image\n',
    '  files: [taskdef.json]\n  base-directory: release/spec\n',
    'files: [taskdef.json]',
    'put imageDetail.json into the primary artifact',
  ),
  buildspec(
    'the source as primary artifact',
    '  files: [imageDetail.json]',
    "  files: ['**/*']",
    '**/*',
    'name each file of the primary artifact',
  ),
  buildspec(
    'artifacts the other way round',
    'SpecArtifact:\n      files: [taskdef.json, appspec.yaml, fill-in.ts]',
    'SpecArtifact:\n      files: [imageDetail.json]',
    'imageDetail.json',
    'put taskdef.json and appspec.yaml',
  ),
];
