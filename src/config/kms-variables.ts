import { z } from 'zod';

const ARN = /^arn:[^:]+:kms:([a-z0-9-]+):\d{12}:(key|alias)\/[\w/-]+$/;
const NAME = /^(alias\/[\w/-]{1,250}|(mrk-)?[0-9a-f-]{32,36})$/;

/** A key of AWS KMS, as its API takes it. */
export const kmsKeyId = z
  .string()
  .refine(
    (text) => ARN.test(text) || NAME.test(text),
    'must name a key of AWS KMS: its id, its ARN (arn:aws:kms:…:key/…), or alias/ and its name.',
  );

/** The region in the ARN of a KMS key; undefined if it is not an ARN. */
export function regionOfKmsKey(keyId: string): string | undefined {
  return ARN.exec(keyId)?.[1];
}
