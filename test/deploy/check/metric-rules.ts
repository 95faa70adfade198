import { emfName } from '../../../src/observability/emf.js';
import type { Context } from './context.js';
import { FILES } from './project.js';

/** Metrics that alarms are on: an alarm on a name that nobody writes is silent for ever. */
export function checkMetrics({ project, settings, tellSettings }: Context): void {
  const { texts } = project;
  const { namespace, dimension, dueLag, dependencyUp } = settings.metrics;
  const [, written] = /NAMESPACE = '([^']+)'/.exec(texts.emf) ?? [];
  if (namespace !== written) tellSettings(['metrics', 'namespace'], `make the namespace ${written}, as ${FILES.emf} does`);
  const [, key = ''] = /DIMENSION = '([^']+)'/.exec(texts.emf) ?? [];
  if (dimension !== key) tellSettings(['metrics', 'dimension'], `make the dimension ${key}, as ${FILES.emf} does`);
  const { SERVICE_NAME: service } = settings.environment;
  if (service !== settings.namesInFiles.name)
    tellSettings(
      ['environment', 'SERVICE_NAME'],
      `make SERVICE_NAME ${settings.namesInFiles.name}: alarms look for the metrics of that ${key}`,
    );
  const lags = namesIn(texts.deliveryMetrics);
  if (!lags.includes(dueLag)) tellSettings(['metrics', 'dueLag'], `write one of ${lags.join(', ')} (${FILES.deliveryMetrics})`);
  const counted = namesIn(texts.dependencyMetrics).includes(emfName('dependency_up'));
  for (const [name, metric] of Object.entries(dependencyUp)) {
    const wanted = counted ? emfName('dependency_up', name) : 'a name';
    if (metric !== wanted)
      tellSettings(['metrics', 'dependencyUp', name], `write ${wanted}, a metric of ${FILES.dependencyMetrics}, for ${metric}`);
  }
}

function namesIn(source: string): string[] {
  return [...source.matchAll(/metrics\.\w+\(\s*'([a-z_]+)'/g)].map(([, name]) => emfName(name!));
}
