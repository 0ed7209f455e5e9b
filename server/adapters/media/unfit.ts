/** A file that cannot be used, and why, in words for whoever sent it. */
export class Unfit extends Error {
  override readonly name = "Unfit";
  readonly code: "UNSUPPORTED_MEDIA_TYPE" | "MEDIA_REFUSED";

  constructor(reason: string, code: "UNSUPPORTED_MEDIA_TYPE" | "MEDIA_REFUSED" = "MEDIA_REFUSED") {
    super(reason);
    this.code = code;
  }
}
