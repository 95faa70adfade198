import type { DataSource } from 'typeorm';
import { sqlTime } from '../dialect.js';
import { isDuplicateKey } from '../errors.js';
import type { Transactions } from '../transactions.js';

/** A data key as the database has it: encrypted by a KMS key, which is named by its ARN. */
export interface DataKeyRow {
  encrypted: string;
  kmsKey: string;
}

/** The row of a data key; null if there is none. */
export async function findDataKey(dataSource: DataSource, id: string): Promise<DataKeyRow | null> {
  const sql = 'SELECT encrypted_key AS encrypted, kms_key AS kmsKey FROM data_key WHERE id = ?';
  const [row] = await dataSource.query<DataKeyRow[]>(sql, [id]);
  return row ?? null;
}

/** Answers false if another process has stored a data key with this id. */
export async function storeDataKey(transactions: Transactions, id: string, { encrypted, kmsKey }: DataKeyRow): Promise<boolean> {
  try {
    const sql = 'INSERT INTO data_key (id, encrypted_key, kms_key, created_at) VALUES (?, ?, ?, ?)';
    await transactions.writeOnce(sql, [id, encrypted, kmsKey, sqlTime(Date.now())]);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
