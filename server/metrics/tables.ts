import { Gauge, type Registry } from "prom-client";
import { readInTime } from "./in-time.ts";

/** What is read when somebody asks and is more than one number, by name. What nobody reads is not shown. */
export const TABLES = {
  twinship_queue_jobs: {
    help: "Work for later in all of the cluster, by kind and by whether somebody is at it; those of dead-letters were given up",
    labels: ["kind", "state"],
  },
  twinship_deliveries: {
    help: "Mails, text messages and pushes of the last hour in all of the cluster, by how they go and what became of them",
    labels: ["channel", "status"],
  },
  twinship_provider_up: {
    help: "1 if this process asks whoever carries these messages, 0 while it waits for them to come back",
    labels: ["channel"],
  },
  twinship_subscriptions: {
    help: "Subscriptions in all of the cluster, by where they stand",
    labels: ["status"],
  },
  twinship_subscription_changes: {
    help: "Subscriptions of the last 30 days in all of the cluster, by whether they began or gave up",
    labels: ["change"],
  },
  twinship_media_rows: {
    help: "Pictures and recordings in all of the cluster, by what they are for and what became of them",
    labels: ["purpose", "status"],
  },
  twinship_media_bytes: {
    help: "How much of them is kept, by what they are for and what became of them",
    labels: ["purpose", "status"],
  },
  twinship_reports: {
    help: "Reports of people in all of the cluster that nobody has decided yet, and those among them that are overdue",
    labels: ["state"],
  },
} as const;

export type TableName = keyof typeof TABLES;

export interface Row<Name extends TableName> {
  readonly labels: Readonly<Record<(typeof TABLES)[Name]["labels"][number], string>>;
  readonly value: number;
}

export type ReadRows<Name extends TableName> = () =>
  | readonly Row<Name>[]
  | undefined
  | Promise<readonly Row<Name>[] | undefined>;

/** All gauges that are a number for each of several things. */
export function tables(registry: Registry): <Name extends TableName>(name: Name, read: ReadRows<Name>) => void {
  const reads = new Map<string, ReadRows<TableName>>();
  for (const [name, { help, labels }] of Object.entries(TABLES)) {
    new Gauge<string>({
      name,
      help,
      labelNames: labels,
      registers: [registry],
      async collect() {
        const rows = await readInTime(reads.get(name));
        this.reset();
        for (const row of rows ?? []) this.set(row.labels, row.value);
      },
    });
  }
  return (name, read) => void reads.set(name, read);
}
