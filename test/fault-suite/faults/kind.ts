import type { Receivers } from '../load/receivers.js';
import type { World } from '../world.js';

/** What a fault may touch. */
export interface Scene {
  world: World;
  receivers: Receivers;
  /** Messages that were accepted lately, each with an endpoint. */
  recent(count: number): { app: string; msg: string; ep: string }[];
}

/** A fault under way. */
export interface Begun {
  /** For people. */
  target: string;
  end(): Promise<void>;
  /** Names of processes that can't answer meanwhile. */
  silent?: string[];
  /** How far the clock of a process is wrong meanwhile, in ms. */
  skewMs?: number;
}

/** A kind of fault: what it does, and what it may lead to. */
export interface FaultKind {
  name: string;
  /** What it hits. Two faults at a time never hit the same. */
  hits: 'process' | 'database' | 'cache' | 'queue' | 'receivers' | 'tasks';
  /** How long it lasts, in ms: from, to. */
  lasts: [number, number];
  /** A process of the service is killed with SIGKILL as it begins. */
  kills?: boolean;
  /** A process of the service stands still. */
  freezes?: boolean;
  /** `/health` is red while it lasts, if it lasts long enough. */
  red?: boolean;
  /** Why it can't be shown here; null if it can. */
  impossible(world: World): string | null;
  /** @param draw a number from 0 to below 1 that chooses the target */
  begin(scene: Scene, draw: number): Promise<Begun>;
}

/** The item that the plan's number chooses. */
export function chosen<T>(list: readonly T[], draw: number): T {
  return list[Math.floor(draw * list.length)]!;
}

export const always = () => null;
export const withServers = ({ shared }: World) => (shared ? null : 'the parts are embedded');
export const embeddedOnly = ({ shared }: World) => (shared ? 'only with the embedded parts' : null);
/** For what is done to the database's process. */
export const ownDatabaseProcess = ({ shared, servers }: World) =>
  !shared ? 'the parts are embedded' : servers.database ? null : 'the database server is not of this suite';
/** For what a server of another make may not have. */
export const mariaDbOnly = ({ shared, servers }: World) =>
  !shared ? 'the parts are embedded' : servers.database ? null : 'another database server may not have it';
