import type { TaskDefinition } from '../model.js';
import type { Image } from './container.js';
import type { OwnProcess, ProcessOrder } from './processes.js';

/** The container of a task: its program, which is all that a plain process needs, and what it runs in. */
export interface ContainerOrder extends ProcessOrder {
  image: Image;
  definition: TaskDefinition;
}

/** Starts what tasks consist of: Processes as plain processes, Containers as containers of Docker. */
export interface Runner {
  start(order: ContainerOrder): OwnProcess;
}
