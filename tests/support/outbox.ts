import type { DeliveryPurpose, Jobs, Outbox } from "../../domain/ports.ts";
import type { Job } from "../../schema/wire/jobs.ts";
import type { Outgoing } from "../../schema/wire/letters.ts";

/** Everything that was handed over to be sent, the oldest first; nothing is. */
export class RecordedOutbox implements Outbox {
  readonly sent: (DeliveryPurpose & { readonly deliveryId: string; readonly message: Outgoing })[] = [];

  async send(_em: unknown, message: Outgoing, purpose: DeliveryPurpose): Promise<string> {
    const deliveryId = crypto.randomUUID();
    this.sent.push({ ...purpose, deliveryId, message });
    return deliveryId;
  }

  async answered(): Promise<void> {}

  /** The newest of those to that address. */
  newestTo(address: string): Outgoing | undefined {
    return this.sent.findLast(({ message }) => message.to === address)?.message;
  }
}

/** Everything that was put off; nothing is done. */
export class RecordedJobs implements Jobs {
  readonly jobs: { readonly job: Job; readonly afterMs: number }[] = [];

  async put(_em: unknown, job: Job, { afterMs = 0 }: { readonly afterMs?: number } = {}): Promise<void> {
    this.jobs.push({ job, afterMs });
  }
}
