import { AwsError } from './aws-error.js';
import { epoch, type ApiService } from './service.js';

export interface Secret {
  arn: string;
  name: string;
  value: string;
}

/** Secrets by their ARN or name: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
export function secretsService(secrets: readonly Secret[]): ApiService {
  const createdAt = new Date();
  return {
    name: 'Secrets Manager',
    source: 'scenario',
    key: 'secretsmanager',
    actions: {
      GetSecretValue: ({ SecretId }) => {
        const secret = secrets.find(({ arn, name }) => arn === SecretId || name === SecretId);
        if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
        return {
          ARN: secret.arn,
          Name: secret.name,
          SecretString: secret.value,
          VersionId: '00000000-0000-4000-8000-000000000000',
          VersionStages: ['AWSCURRENT'],
          CreatedDate: epoch(createdAt),
        };
      },
    },
  };
}
