import { Router } from "express";
import type { PublicKeys } from "../../schema/wire/accounts.ts";

/** Who meets a key they do not know looks again; until then the old answer is good. */
const CACHE = "public, max-age=300";

/** The keys to check our access tokens with, where RFC 8414's readers look for them: at the root, without an envelope. */
export const jwksRoute = (keys: PublicKeys): Router =>
  Router().get("/.well-known/jwks.json", (_request, response) => {
    response.set("Cache-Control", CACHE).json(keys);
  });
