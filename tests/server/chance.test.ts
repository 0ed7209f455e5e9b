import assert from "node:assert/strict";
import { chance } from "../../server/chance.ts";

const MANY = 20_000;

describe("chance", () => {
  it("[RA1] names nothing twice, in the form of UUIDv7 with the time in front", () => {
    const at = Date.UTC(2026, 1, 3);
    const ids = Array.from({ length: MANY }, () => chance.newId(at));
    assert.equal(new Set(ids).size, MANY);
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;
    for (const id of ids) assert.ok(form.test(id) && id.startsWith("019c20cc-8400"), id);
  });

  it("[RA1] salts are sixteen bytes, no part of one in another's", () => {
    const salts = Array.from({ length: MANY }, () => chance.newSalt());
    assert.ok(salts.every((salt) => /^[0-9a-f]{32}$/.test(salt)));
    assert.equal(new Set(salts.flatMap((salt) => [salt.slice(0, 16), salt.slice(16)])).size, 2 * MANY);
  });
});
