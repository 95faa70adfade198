import { Injectable } from '@nestjs/common';

/** Whether this process is stopping: it is not ready any more, takes no new work, and finishes the work that it has. */
@Injectable()
export class Drain {
  private begun = false;

  get isDraining(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
  }
}
