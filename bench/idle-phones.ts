import { LeanPhone } from "./cluster-phone.ts";

/** What a process of phones is told: to seat these, in the server at that port. */
export interface Phones {
  readonly port: number;
  readonly deviceId: string;
  readonly tokens: readonly string[];
}

/** Pacing: the server, its PostgreSQL and these share two cores. */
const JOINS_AT_ONCE = 8;

const phones: LeanPhone[] = [];

process.on("message", (told: Phones) => {
  void seat(told).then(
    () => process.send?.({ there: phones.filter(({ isOpen }) => isOpen).length }),
    (error: unknown) => process.send?.({ failed: String(error) }),
  );
});
process.on("disconnect", () => process.exit());

async function seat({ port, deviceId, tokens }: Phones): Promise<void> {
  const waiting = tokens.values();
  const worker = async () => {
    for (const token of waiting) {
      const phone = new LeanPhone({ port, token, deviceId });
      await phone.come();
      phones.push(phone);
    }
  };
  await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
}
