import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkDeploy } from './check/check.js';
import { FILES, readProject } from './check/project.js';
import { ARTIFACT_MISTAKES } from './mistakes/artifact-mistakes.js';
import { BUILD_FILE_MISTAKES, BUILD_FLOW_MISTAKES, COMMAND_MISTAKES } from './mistakes/build-mistakes.js';
import { COMPOSE_MISTAKES } from './mistakes/compose-mistakes.js';
import { IMAGE_MISTAKES, PACKAGE_MISTAKES } from './mistakes/image-mistakes.js';
import { APPSPEC_KEY_MISTAKES, CONTAINER_KEY_MISTAKES, TASK_KEY_MISTAKES, TASK_VALUE_MISTAKES } from './mistakes/key-mistakes.js';
import { APP_MISTAKES, METRIC_MISTAKES, SETTINGS_MISTAKES } from './mistakes/other-mistakes.js';
import { APPSPEC_MISTAKES, BUILDSPEC_MISTAKES } from './mistakes/pipeline-mistakes.js';
import { REPORTED_ELSEWHERE } from './mistakes/reported-elsewhere.js';
import { REPORTED_MISTAKES } from './mistakes/reported-mistakes.js';
import { LATER_ELSEWHERE } from './mistakes/later-elsewhere.js';
import { LATER_MISTAKES } from './mistakes/later-mistakes.js';
import { inFile } from './mistakes/mistake.js';
import { REHEARSAL_MISTAKES } from './mistakes/rehearsal-mistakes.js';
import { RIGHT_CHANGES } from './mistakes/right-changes.js';
import { SUPPLY_MISTAKES } from './mistakes/supply-mistakes.js';
import { TRIED_MISTAKES } from './mistakes/tried-mistakes.js';
import { ENVIRONMENT_MISTAKES, TASKDEF_MISTAKES, TASKDEF_MODEL_MISTAKES } from './mistakes/taskdef-mistakes.js';

const project = readProject(resolve(import.meta.dirname, '../..'));

describe('the check of the deployment', () => {
  it('finds nothing to change in this project', () => {
    expect(checkDeploy(project)).toEqual([]);
  });

  it.each([
    ...TASKDEF_MODEL_MISTAKES,
    ...TASKDEF_MISTAKES,
    ...ENVIRONMENT_MISTAKES,
    ...APPSPEC_MISTAKES,
    ...BUILDSPEC_MISTAKES,
    ...SETTINGS_MISTAKES,
    ...METRIC_MISTAKES,
    ...APP_MISTAKES,
    ...CONTAINER_KEY_MISTAKES,
    ...TASK_KEY_MISTAKES,
    ...TASK_VALUE_MISTAKES,
    ...APPSPEC_KEY_MISTAKES,
    ...BUILD_FLOW_MISTAKES,
    ...COMMAND_MISTAKES,
    ...BUILD_FILE_MISTAKES,
    ...ARTIFACT_MISTAKES,
    ...IMAGE_MISTAKES,
    ...PACKAGE_MISTAKES,
    ...COMPOSE_MISTAKES,
    ...REPORTED_MISTAKES,
    ...REPORTED_ELSEWHERE,
    ...LATER_MISTAKES,
    ...LATER_ELSEWHERE,
    ...TRIED_MISTAKES,
    ...SUPPLY_MISTAKES,
    ...REHEARSAL_MISTAKES,
  ])('finds $name', ({ plant, file, on, says }) => {
    const planted = plant(project);
    const faults = checkDeploy(planted).map((fault) => ({
      ...fault,
      on: fault.file === FILES[file] ? planted.texts[file].split('\n')[fault.line - 1] : undefined,
    }));

    expect(faults).toContainEqual({
      file: FILES[file],
      line: expect.any(Number),
      message: expect.stringContaining(says),
      on: expect.stringContaining(on),
    });
  });

  it.each(RIGHT_CHANGES)('has nothing against %s', (_what, change) => {
    expect(checkDeploy(change(project))).toEqual([]);
  });

  it('tells once what several services take from one template', () => {
    const faults = checkDeploy(inFile('compose', '  read_only: true', '  read_only: true\n  privileged: true')(project));

    expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('remove privileged')]);
  });

  it('does not ask for a wrong health check in a second place', () => {
    const curl = '["CMD-SHELL", "curl -f http://localhost:3000/"]';
    const faults = checkDeploy(inFile('taskdef', '["CMD", "node", "dist/cli.js", "healthcheck"]', curl)(project));

    expect(new Set(faults.map(({ file }) => file))).toEqual(new Set([FILES.taskdef]));
  });
});
