/** The time of what is being handled: the same for all that it causes. No clock of its own; it is set from outside. */
export interface Clock {
  /** Milliseconds, from any origin. */
  readonly now: number;
}
