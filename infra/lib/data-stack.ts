import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AppLogs } from './app-logs.ts';
import { AppSecrets } from './app-secrets.ts';
import { Cache } from './cache.ts';
import { Database } from './database.ts';
import type { EnvironmentOptions } from './environment-options.ts';
import { Network } from './network.ts';
import { Queues } from './queues.ts';
import type { Names } from './settings.ts';
import { sizes } from './sizes.ts';

const MAX_ZONES = 3;

/**
 * What holds data, and the network that it is in. It is a stack of its own, so that no mistake in the service's stack can replace any of
 * it, and the service can be removed and installed again beside it.
 */
export class DataStack extends Stack {
  readonly network: Network;
  readonly secrets: AppSecrets;
  readonly database: Database;
  readonly cache: Cache;
  readonly queues: Queues;
  readonly logs: AppLogs;

  constructor(scope: Construct, id: string, names: Names, options: EnvironmentOptions, props: StackProps = {}) {
    super(scope, id, { terminationProtection: true, description: 'Posthorn: data and network', ...props });
    const size = sizes[options.size];
    this.network = new Network(this, 'Network', {
      name: names.name,
      zones: options.zones,
      natGateways: size.natGateways,
      existing: options.vpc,
    });
    this.secrets = new AppSecrets(this, 'Secrets', names, options.kept);
    this.logs = new AppLogs(this, 'Logs', names, options.kept);
    this.queues = new Queues(this, 'Queues', names);
    this.cache = new Cache(this, 'Cache', this.network, this.secrets, names, size);
    this.database = new Database(this, 'Database', this.network, this.secrets, {
      names,
      size,
      proxy: options.databaseProxy,
      snapshot: options.databaseSnapshot,
    });
    if (this.network.natAddresses.length > 0)
      new CfnOutput(this, 'OutgoingAddresses', {
        value: Fn.join(',', this.network.natAddresses),
        description: 'Where webhooks come from: for the allow lists of those who receive them',
      });
  }

  /** The first zones of whatever region this is: the library would look them up, which takes credentials. */
  override get availabilityZones(): string[] {
    return Array.from({ length: MAX_ZONES }, (_none, at) => Fn.select(at, Fn.getAzs()));
  }
}
