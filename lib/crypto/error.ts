/** What is wrong with something that the other side made. */
export type CryptoErrorCode = "low-order" | "bad-tag" | "bad-handshake" | "exhausted";

/** Something from the other side does not hold; nothing of it may be used. */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly code: CryptoErrorCode;

  constructor(code: CryptoErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
