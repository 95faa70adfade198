/** What waits for its commit is looked at so often, and given up after so many looks: 2.5 s, half of what a client should ever wait for an answer. */
export const LOOK_EVERY_MS = 250;
export const LATE_AFTER_LOOKS = 10;
/** The same of batches, 15 s: a large one takes seconds, and they are committed one after the other. */
export const LATE_BATCH_AFTER_LOOKS = 60;

/** The organisation has no application with this id or uid. */
export class UnknownApplication extends Error {}

/** A batch of messages makes more deliveries than one transaction may write. */
export class TooManyDeliveries extends Error {
  constructor(readonly max: number) {
    super(`The batch makes more than ${max} deliveries.`);
  }
}

/** Another message of the application has this eventId. */
export class EventIdTaken extends Error {}

/** This process can't do it in time, because of all that it has to do. Nothing of the request was done, and it can be repeated. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';

  constructor(why = 'Too many messages are waiting to be stored') {
    super(`${why}; try again`);
  }
}
