import { journalContract } from "../contracts/journal.contract.ts";
import { MemoryJournal } from "../support/memory-journal.ts";

journalContract("memory", async () => {
  const journal = new MemoryJournal();
  return {
    journal,
    claim: async (pairId) => journal.claim(pairId),
    close: async (pairId) => journal.setClosed(pairId, true),
    dues: async (pairId) => journal.history(pairId).dues,
  };
});
