import assert from "node:assert/strict";
import { Pool } from "pg";
import { readConfig } from "../../server/config.ts";
import { twoPhones } from "../../server/two-phones.ts";

describe("who may see two phones", () => {
  /** Nobody asks it. */
  const pool = new Pool();
  after(() => pool.end());

  const offered = (environment: NodeJS.ProcessEnv) => {
    const shown = twoPhones({
      config: readConfig(environment),
      pool,
      rooms: { roomOf: () => undefined },
      activePair: async () => null,
      port: () => 3000,
    });
    return shown && [...(shown.sampleTwins ? ["twins"] : []), ...(shown.inside ? ["inside"] : [])].join(" ");
  };
  const production = { NODE_ENV: "production", ALLOW_EMBEDDED: "1" };
  const elsewhere = { DATABASE_URL: "postgres://user@db.example.org/twinship" };

  it("[WB1] the embedded default shows them, with sample twins and a look inside", () => {
    assert.equal(offered({}), "twins inside");
  });

  it("[WB1] production shows nothing unless it is told to, and then neither twins nor the inside", () => {
    assert.equal(offered(production), undefined);
    assert.equal(offered({ ...production, CONSOLE: "0" }), undefined);
    assert.equal(offered({ ...production, CONSOLE: "1" }), "");
  });

  it("[WB1] in somebody else's database nobody is made whose password everybody knows", () => {
    assert.equal(offered(elsewhere), "inside");
  });

  it("[WB1] CONSOLE=0 shows nothing anywhere", () => {
    assert.equal(offered({ CONSOLE: "0" }), undefined);
  });
});
