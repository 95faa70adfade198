import { RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { NAME, secrets } from './settings.ts';

/** Alphanumerics that, read as base64, are 32 bytes: 42 hold 31½, the 43rd the rest. */
const KEY_LENGTH = 43;

/** Secrets that Secrets Manager makes up itself. They are kept when the stack goes: without them the database's backups can't be read. */
export class AppSecrets extends Construct {
  readonly jwtSecret: secretsmanager.Secret;
  readonly encryptionKey: secretsmanager.Secret;
  /** What the deployment hooks and their receiver sign and verify with. */
  readonly receiverKey: secretsmanager.Secret;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.jwtSecret = this.generated('JwtSecret', secrets.JWT_SECRET.name, 'JWT_SECRET: signs API tokens', 64);
    this.encryptionKey = this.generated(
      'EncryptionKey',
      secrets.ENCRYPTION_KEY.name,
      'ENCRYPTION_KEY: seals secrets at rest',
      KEY_LENGTH,
    );
    this.receiverKey = this.generated(
      'ReceiverKey',
      `${NAME}/receiver-key`,
      'Signs the webhook of the release check',
      KEY_LENGTH,
    );
    for (const kept of [this.jwtSecret, this.encryptionKey]) kept.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }

  private generated(id: string, secretName: string, description: string, passwordLength: number): secretsmanager.Secret {
    return new secretsmanager.Secret(this, id, {
      secretName,
      description,
      generateSecretString: { excludePunctuation: true, passwordLength },
    });
  }
}
