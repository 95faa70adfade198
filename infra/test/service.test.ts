import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { sizes, type SizeName } from '../lib/sizes.ts';
import { EVERYTHING, INFRA, only, resourcesOf, stacksOf, templateOf, templatesOf, textOf } from './support/synth.ts';

const SERVICE = 'AWS::ECS::Service';
const NAMES = Object.keys(sizes) as SizeName[];

describe('service', () => {
  it('is deployed by CodeDeploy, on Fargate, without public addresses', () => {
    expect(only(templateOf(), SERVICE).Properties).toMatchObject({
      DeploymentController: { Type: 'CODE_DEPLOY' },
      LaunchType: 'FARGATE',
      EnableExecuteCommand: true,
      LoadBalancers: [{ ContainerName: 'app', ContainerPort: 3000 }],
      NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
    });
  });

  it('reads the same for every size and option, since ECS refuses to change it', () => {
    const texts = [...NAMES.map((size) => ({ size })), EVERYTHING].map((context) =>
      textOf(only(templateOf(context), SERVICE).Properties),
    );
    expect(new Set(texts).size).toBe(1);
  });

  it('names its first task definition without a revision', () => {
    expect(only(templateOf(), SERVICE).Properties.TaskDefinition).toBe('posthorn-bootstrap');
  });

  it('begins with a stand-in that is healthy, on the right architecture, and answers no server errors', () => {
    const { Properties } = only(templateOf(), 'AWS::ECS::TaskDefinition');
    expect(Properties).toMatchObject({
      Family: 'posthorn-bootstrap',
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      RequiresCompatibilities: ['FARGATE'],
    });
    const [container] = Properties.ContainerDefinitions;
    expect(container).toMatchObject({ Name: 'app', ReadonlyRootFilesystem: true, PortMappings: [{ ContainerPort: 3000 }] });
    expect(container.EntryPoint.join(' ')).toMatch(/\/health.*200 : 404/s);
  });

  it('waits for the listeners, or ECS would refuse the target group', () => {
    const depends = only(templateOf(), SERVICE).DependsOn!.join();
    expect(depends).toMatch(/TrafficProductionListener/);
    expect(depends).toMatch(/ServiceStandIn/);
  });

  it("waits for its roles' policies, or its first tasks could not start", () => {
    const depends = only(templateOf(), SERVICE).DependsOn!;
    const policies = resourcesOf(templateOf(), 'AWS::IAM::Policy');
    const ofRoles = Object.keys(policies).filter((id) => /RolesTask|RolesExecution/.test(textOf(policies[id]!.Properties.Roles)));
    expect(ofRoles).toHaveLength(3);
    expect(depends).toEqual(expect.arrayContaining(ofRoles));
  });

  it('is made when the way out is there: the network is in a stack before its own', () => {
    const { data, service } = stacksOf().environments[0]!;
    expect(service.dependencies.map(({ stackName }) => stackName)).toEqual([data.stackName]);
    expect(Object.keys(resourcesOf(templatesOf()[data.stackName]!, 'AWS::EC2::Route'))).not.toEqual([]);
    expect(Object.keys(resourcesOf(templatesOf()[service.stackName]!, 'AWS::EC2::Route'))).toEqual([]);
  });

  it('spreads over at least two zones', () => {
    expect(only(templateOf(), SERVICE).Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toHaveLength(3);
    expect(only(templateOf({ zones: '2' }), SERVICE).Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets).toHaveLength(2);
  });
});

describe('the task definition', () => {
  const read = (file: string) => readFileSync(join(INFRA, '..', file), 'utf8');

  it("names the image's user, so that a changed image can't make the app root", () => {
    const inImage = [...read('Dockerfile').matchAll(/^USER (\S+)$/gm)].at(-1)![1];
    const { containerDefinitions } = JSON.parse(read('taskdef.json')) as { containerDefinitions: { user?: string }[] };
    expect(containerDefinitions.map(({ user }) => user)).toEqual([inImage]);
    expect(inImage).not.toBe('root');
  });
});

describe('autoscaling', () => {
  it.each(NAMES)('%s: keeps the number of tasks in the bounds of the size', (size) => {
    const { min, max } = sizes[size].tasks;
    expect(only(templateOf({ size }), 'AWS::ApplicationAutoScaling::ScalableTarget').Properties).toMatchObject({
      MinCapacity: min,
      MaxCapacity: max,
      ResourceId: 'service/posthorn/posthorn',
    });
  });

  it('follows CPU, memory, requests of both target groups, and backlog', () => {
    const policies = Object.values(resourcesOf(templateOf(), 'AWS::ApplicationAutoScaling::ScalingPolicy')).map(
      ({ Properties }) => textOf(Properties.TargetTrackingScalingPolicyConfiguration),
    );
    expect(policies).toHaveLength(4);
    const memory = policies.find((policy) => policy.includes('ECSServiceAverageMemoryUtilization'))!;
    expect(JSON.parse(memory)).toMatchObject({ DisableScaleIn: true, TargetValue: 75 });
    expect(policies.some((policy) => policy.includes('ECSServiceAverageCPUUtilization'))).toBe(true);
    const requests = policies.find((policy) => policy.includes('RequestCount'))!;
    expect(requests).toContain('TrafficBlue');
    expect(requests).toContain('TrafficGreen');
    expect(policies.some((policy) => policy.includes('ApproximateNumberOfMessagesVisible'))).toBe(true);
    expect(policies.join()).not.toContain('ALBRequestCountPerTarget');
  });

  it('can do 80 and 30 per cent in steps instead of the CPU target', () => {
    const template = templateOf(EVERYTHING);
    const policies = Object.values(resourcesOf(template, 'AWS::ApplicationAutoScaling::ScalingPolicy'));
    expect(policies.filter(({ Properties }) => Properties.PolicyType === 'StepScaling')).toHaveLength(2);
    expect(textOf(policies)).not.toContain('ECSServiceAverageCPUUtilization');
    const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
    const cpu = alarms.filter(({ MetricName, AlarmName }) => MetricName === 'CPUUtilization' && !AlarmName);
    expect(cpu.map(({ Threshold, EvaluationPeriods }) => [Threshold, EvaluationPeriods]).sort()).toEqual([
      [30, 15],
      [80, 2],
    ]);
  });
});
