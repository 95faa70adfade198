import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { database, type Names } from './settings.ts';

/** Alphanumerics that, read as base64, are 32 bytes: 42 hold 31½, the 43rd the rest. */
const KEY_LENGTH = 43;
const PASSWORD_LENGTH = 40;

/**
 * Secrets that Secrets Manager makes up itself. They stay when the stack goes: without them the database's snapshots can't be read.
 * With `kept` they are those that an earlier installation left.
 */
export class AppSecrets extends Construct {
  readonly jwtSecret: secretsmanager.ISecret;
  readonly encryptionKey: secretsmanager.ISecret;
  /** What the deployment hooks and their receiver sign and verify with. */
  readonly receiverKey: secretsmanager.ISecret;
  /** Users of the database, `{"username", "password"}`: its administrator, the app's, and the one that changes tables. */
  readonly databaseAdmin: secretsmanager.ISecret;
  readonly databaseApp: secretsmanager.ISecret;
  readonly databaseMigration: secretsmanager.ISecret;
  /** The password of the cache. */
  readonly redis: secretsmanager.ISecret;

  private readonly kept: boolean;

  constructor(scope: Construct, id: string, { secrets }: Names, kept: boolean) {
    super(scope, id);
    this.kept = kept;
    const { users } = database;
    this.jwtSecret = this.text('JwtSecret', secrets.jwtSecret, 'JWT_SECRET: signs API tokens', 64);
    this.encryptionKey = this.text('EncryptionKey', secrets.encryptionKey, 'ENCRYPTION_KEY: seals secrets at rest', KEY_LENGTH);
    this.receiverKey = this.text('ReceiverKey', secrets.receiverKey, 'Signs the webhook of the release check', KEY_LENGTH);
    this.redis = this.text('Redis', secrets.redis, 'Password of the cache', PASSWORD_LENGTH);
    this.databaseAdmin = this.user('DatabaseAdmin', secrets.database, 'Administrator of the database', users.admin);
    this.databaseApp = this.user('DatabaseApp', secrets.databaseApp, "The app's user of the database", users.app);
    this.databaseMigration = this.user(
      'DatabaseMigration',
      secrets.databaseMigration,
      'The user of the database that changes tables',
      users.migration,
    );
  }

  private text(id: string, secretName: string, description: string, passwordLength: number): secretsmanager.ISecret {
    return this.secret(id, secretName, { description, generateSecretString: { excludePunctuation: true, passwordLength } });
  }

  /** The password goes into a URL: no punctuation. */
  private user(id: string, secretName: string, description: string, username: string): secretsmanager.ISecret {
    return this.secret(id, secretName, {
      description,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: PASSWORD_LENGTH,
      },
    });
  }

  private secret(id: string, secretName: string, props: secretsmanager.SecretProps): secretsmanager.ISecret {
    if (this.kept) return secretsmanager.Secret.fromSecretNameV2(this, id, secretName);
    return new secretsmanager.Secret(this, id, {
      secretName,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      ...props,
    });
  }
}
