import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  container,
  database,
  environment,
  logs,
  namesInFiles,
  pipeline,
  secrets,
  targetGroup,
  writable,
} from '../lib/settings.ts';
import { INFRA } from './support/synth.ts';

const read = (file: string) => readFileSync(join(INFRA, '..', file), 'utf8');
const definition = JSON.parse(read('taskdef.json'));
const [app] = definition.containerDefinitions;
const pairs = (list: Record<string, string>[], key: string, value: string) =>
  Object.fromEntries(list.map((item) => [item[key], item[value]]));

/** `check:deploy` says more, and says it better; these are so that a change here is seen by the tests beside it. */
describe('the settings that taskdef.json has, too', () => {
  it('are the variables and secrets of the container', () => {
    expect(pairs(app.environment, 'name', 'value')).toEqual(environment);
    expect(pairs(app.secrets, 'name', 'valueFrom')).toEqual(secrets);
  });

  it('are the container itself', () => {
    expect(app).toMatchObject({
      name: container.name,
      portMappings: [{ containerPort: container.port, protocol: 'tcp' }],
      stopTimeout: container.stopTimeout,
      image: `<${pipeline.imagePlaceholder}>`,
    });
    expect(definition).toMatchObject({
      family: namesInFiles.family,
      runtimePlatform: { cpuArchitecture: container.cpuArchitecture, operatingSystemFamily: container.operatingSystem },
    });
    expect(environment.DRAIN_SECONDS).toBe(String(container.drainSeconds));
  });

  it('are its log and its writable places', () => {
    expect(app.logConfiguration.options).toMatchObject({
      'awslogs-group': namesInFiles.appLog,
      'awslogs-stream-prefix': logs.streamPrefix,
    });
    expect(pairs(app.mountPoints, 'sourceVolume', 'containerPath')).toEqual(writable);
  });
});

describe('the settings that other files have, too', () => {
  it('are those of appspec.yaml', () => {
    const text = read('appspec.yaml');
    for (const [event, name] of Object.entries(namesInFiles.hooks)) expect(text).toContain(`- ${event}: ${name}\n`);
    expect(text).toContain(`ContainerName: ${container.name}\n`);
    expect(text).toContain(`ContainerPort: ${container.port}\n`);
    expect(text).toContain(`TaskDefinition: <${pipeline.taskDefinitionPlaceholder}>\n`);
  });

  it('are those of buildspec.yml: what it hands on, under which names', () => {
    const text = read(pipeline.buildSpecFile);
    for (const artifact of [pipeline.specArtifact, pipeline.imageArtifact, pipeline.supplyArtifact])
      expect(text).toContain(`    ${artifact}:\n`);
    for (const file of [
      pipeline.taskDefinitionFile,
      pipeline.appSpecFile,
      pipeline.fillInFile,
      pipeline.imageFile,
      pipeline.sbomFile,
    ])
      expect(text).toContain(file);
  });

  it('are those of the app: its port, its paths, its users of the database', () => {
    expect([container.port, targetGroup.path, targetGroup.port]).toEqual([3000, '/health/ready', 3000]);
    expect(database).toEqual({
      name: 'posthorn',
      users: { admin: 'posthorn', app: 'posthorn_app', migration: 'posthorn_migration' },
    });
    expect(pipeline.branch).toBe('main');
  });
});
