import { Refusal, type RefusalOptions } from "../../domain/refusal.ts";

/** What may be away for a while, and without which some things wait. */
export type Service = "PostgreSQL" | "the store of pictures and recordings";

/** Whoever asked is told to come again; whoever writes the log is told what does not answer. */
export class ServiceAway extends Refusal {
  readonly service: Service;

  constructor(service: Service, message: string, options?: RefusalOptions) {
    super("UNAVAILABLE", message, options);
    this.service = service;
  }
}
