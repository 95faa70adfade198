import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out: it isn't ready any more, takes no new work, and finishes what it has. */
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
