import type { Fault } from './fault.ts';
import { differences } from './shape.ts';
import { alarmShapes } from './shapes/alarms.ts';
import { buildShapes, deploymentShapes } from './shapes/builds.ts';
import { dashboardShapes } from './shapes/dashboard.ts';
import { dataShapes, secretShapes } from './shapes/data.ts';
import { eventShapes } from './shapes/events.ts';
import { networkShapes } from './shapes/network.ts';
import { notificationShapes } from './shapes/notifications.ts';
import { pipelineShapes } from './shapes/pipeline.ts';
import { releaseShapes } from './shapes/release.ts';
import { serviceShapes } from './shapes/service.ts';
import type { Shape, Shapes } from './shapes/shape-of.ts';
import { artifactShapes, logShapes, registryShapes } from './shapes/storage.ts';
import { trafficShapes } from './shapes/traffic.ts';
import type { RawResource, Unit } from './unit.ts';

/** Types that rules of their own judge: who may do what, and who may talk to whom. */
const JUDGED_ELSEWHERE = new Set([
  'AWS::CDK::Metadata',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
]);

function shapesOf(it: Unit): Shapes {
  if (it.kind === 'registry') return registryShapes(it);
  if (it.kind === 'artifacts') return artifactShapes(it);
  if (it.kind === 'pipeline') return { ...notificationShapes(it), ...buildShapes(it), ...pipelineShapes(it) };
  return {
    ...networkShapes(it),
    ...trafficShapes(it),
    ...dataShapes(it),
    ...secretShapes(it),
    ...logShapes(it),
    ...serviceShapes(it),
    ...alarmShapes(it),
    ...dashboardShapes(it),
    ...notificationShapes(it),
    ...releaseShapes(it),
    ...eventShapes(it),
    ...deploymentShapes(it),
  };
}

/** Every resource has to be one that is known, with the properties that are known and no other; and each that is known has to be there. */
export function shapeFaults(it: Unit): Fault[] {
  const shapes = shapesOf(it);
  const unknown = Object.entries(it.resources)
    .filter(([id, { Type }]) => !JUDGED_ELSEWHERE.has(Type) && shapes[id]?.type !== Type)
    .map(([id, { Type }]) => ({
      where: `${it.stacks.join(' + ')}: ${id} (${Type})`,
      what: 'remove it, or say in test/rules/shapes what it has to be',
      why: 'No rule knows this resource, so nobody said that it is as it should be',
    }));
  return [...unknown, ...Object.entries(shapes).flatMap(([id, shape]) => faultsOf(it, id, shape))];
}

function faultsOf(it: Unit, id: string, shape: Shape): Fault[] {
  const where = `${shape.file}: ${id} (${shape.type}) of ${it.name}`;
  const resource = it.resources[id];
  if (resource?.Type !== shape.type) return [{ where, what: 'make it again: it is not there', why: shape.why }];
  return [...differences(resource.Properties, shape.properties, where, shape.why), ...policyFaults(resource, shape, where)];
}

function policyFaults({ DeletionPolicy, UpdateReplacePolicy }: RawResource, { when, why }: Shape, where: string): Fault[] {
  return differences(
    { DeletionPolicy, UpdateReplacePolicy },
    { DeletionPolicy: when?.[0], UpdateReplacePolicy: when?.[1] },
    where,
    why,
  );
}
