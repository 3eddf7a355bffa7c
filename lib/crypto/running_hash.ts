import { createHash } from "node:crypto";

/** SHA-256 (FIPS 180-4) of bytes as they come. */
export class RunningHash {
  readonly #hash = createHash("sha256");
  #digest: string | undefined;

  /** Takes the next bytes; not once the digest was asked for. */
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  /** Of all bytes: 64 lower-case hexadecimal digits. */
  get digest(): string {
    return this.#digest ??= this.#hash.digest("hex");
  }
}
