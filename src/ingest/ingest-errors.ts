/** There is no such application in the organisation. */
export class UnknownApplication extends Error {}

/** A batch of messages has more deliveries than one transaction may hold. */
export class TooManyDeliveries extends Error {
  constructor(readonly most: number) {
    super(`More than ${most} deliveries in one transaction`);
  }
}

/** The eventId belongs to another message of the application. */
export class EventIdTaken extends Error {}
