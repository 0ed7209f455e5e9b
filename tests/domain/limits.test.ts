import assert from "node:assert/strict";
import { LIMITS, type Limit, limitTable } from "../../domain/limits.ts";
import { memoryLimits } from "../../server/adapters/limits/memory.ts";
import { limitsContract } from "../contracts/limits.contract.ts";

const MINUTE_MS = 60_000;

describe("limits", () => {
  it("[LI4] are in one table, with the numbers that were promised", () => {
    const per = ({ points, withinMs }: Limit) => `${points} in ${withinMs / MINUTE_MS} min`;
    assert.deepEqual(
      Object.entries(LIMITS).map(([name, limit]) => `${name}: ${per(limit)}`),
      [
        "login.account: 5 in 15 min",
        "login.ip: 30 in 15 min",
        "login.staff: 5 in 15 min",
        "mail.verify: 3 in 60 min",
        "mail.password: 3 in 60 min",
        "mail.change: 3 in 60 min",
        "mail.change.person: 10 in 60 min",
        "sms.person: 5 in 60 min",
        "sms.number: 5 in 60 min",
        "sms.ip: 20 in 60 min",
        "messages: 100 in 1 min",
        "invitations: 5 in 60 min",
        "reports: 20 in 60 min",
        "codes.redeem: 10 in 60 min",
        "reports.drawn: 20 in 60 min",
        "exports: 3 in 1440 min",
        "telemetry: 10000 in 60 min",
        "twintuition: 120 in 1 min",
        "requests: 300 in 1 min",
        "requests.ip: 600 in 1 min",
      ],
    );
  });

  it("[LI4] load tests change those of messages and of requests, and no other", () => {
    const table = limitTable({ messagesPerMinute: 7, requestsPerMinute: 9 });
    assert.deepEqual([table.messages.points, table.requests.points, table["requests.ip"].points], [7, 9, 18]);
    const { messages, requests, twintuition, "requests.ip": ofIps, ...rest } = LIMITS;
    assert.deepEqual(table, {
      ...rest,
      // Presses and alerts are requests, of which fewer will do.
      twintuition: { ...twintuition, points: 4 },
      messages: { ...messages, points: 7 },
      requests: { ...requests, points: 9 },
      "requests.ip": { ...ofIps, points: 18 },
    });
  });

  limitsContract("memory", memoryLimits);
});
