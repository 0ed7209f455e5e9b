/** A provider will not take this message, or this address: trying again cannot help. */
export class Undeliverable extends Error {
  override readonly name = "Undeliverable";
  /** In the provider's own words, and without the address. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}
