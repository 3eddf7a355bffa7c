/** Is told what a client reads, in the order of the stream. */
export interface DeliveryWitness {
  /** The first answer to REGISTER or RESUME. */
  welcomed(welcome: { epoch: string; number: number; resumed: boolean }): void;
  /** A broadcast of somebody else, repeats included. */
  said(said: Said): void;
  /** A broadcast of its own has this number; 0: the registry does not know it any more. */
  acknowledged(ack: { epoch: string; number: number; text: string | undefined }): void;
  /** Broadcasts up to `number` were not kept. */
  gap(gap: { missed: number; number: number }): void;
  /** These are here, oneself included. */
  listed(names: readonly string[]): void;
  /** Somebody came, or left. */
  presence(change: { name: string; here: boolean }): void;
  /** The registry said something that nothing above was made for: NAK, ERROR and the like. */
  odd(line: string): void;
}

/** A broadcast as its readers see it. */
export interface Said {
  readonly epoch: string;
  readonly number: number;
  readonly name: string;
  /** `run.count`, or `-`. */
  readonly id: string;
  readonly text: string;
}
