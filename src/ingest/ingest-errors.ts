/** There is no such application in the organisation. */
export class UnknownApplication extends Error {}

/** The eventId belongs to another message of the application. */
export class EventIdTaken extends Error {}
