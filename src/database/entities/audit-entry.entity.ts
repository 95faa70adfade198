import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json } from './column-types.js';

/** Who or what made a change: the kind of the token of a request, or a command of the operator. */
export type Actor = 'organization' | 'application' | 'operator' | 'api-key' | 'command';

/** The owner of what belongs to no organisation. No organisation has such an id: they all begin with `org_`. */
export const NO_ORGANIZATION = 'operator';
/** The status of a command that has done its work. Requests have the status of their answer. */
export const COMMAND_DONE = 0;

/** One change, or one attempt at one. Written before the change, and completed with its outcome. */
@Entity('audit_log')
export class AuditEntry {
  @PrimaryColumn('varchar', { name: 'org_id' })
  orgId!: string;

  @PrimaryColumn('varchar')
  id!: string;

  /** Its id. If there is no such application: what the path says. */
  @Column('varchar', { name: 'app_id', nullable: true })
  appId!: string | null;

  @Column('varchar')
  operation!: string;

  @Column('varchar')
  actor!: Actor;

  @Column('varchar', { name: 'token_id', nullable: true })
  tokenId!: string | null;

  @Column('varchar', { name: 'request_id', nullable: true })
  requestId!: string | null;

  /** The IP address of the client. */
  @Column('varchar', { nullable: true })
  address!: string | null;

  /** The parameters of the path. */
  @Column('text', { transformer: json })
  objects!: Record<string, string>;

  /** The names of the fields of the body, without their values. */
  @Column('text', { transformer: json })
  fields!: string[];

  /** The id that the answer named. */
  @Column('varchar', { name: 'created_id', nullable: true })
  createdId!: string | null;

  /** Null while the outcome is not known. */
  @Column('smallint', { nullable: true })
  status!: number | null;
}
