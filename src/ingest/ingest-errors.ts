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
