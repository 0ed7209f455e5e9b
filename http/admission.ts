import type { Request, Response } from "express";
import type { Authenticate, Caller, Limits } from "../domain/ports.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Staff } from "../domain/staff.ts";
import { sayAllowance } from "./errors.ts";
import type { SignIn } from "./route.ts";

export interface AdmissionDeps {
  readonly authenticate: Authenticate;
  /** Of those who work here, by tokens of their own. */
  readonly staff: Pick<Staff, "authenticate">;
  readonly limits: Pick<Limits, "take">;
  readonly ipOf: (request: Request) => string;
}

export type Admit = ReturnType<typeof admission>;

/** Who asks, and whether they may now: a person counts for themselves, and anybody else for their address. */
export function admission({ authenticate, staff, limits, ipOf }: AdmissionDeps) {
  async function callerOf(signIn: SignIn, request: Request): Promise<Caller | undefined> {
    if (signIn === "none") return undefined;
    const token = bearerOf(request);
    if (signIn === "staff") return staff.authenticate(token);
    return signIn === "optional" && token === undefined ? undefined : authenticate(token);
  }

  return async (signIn: SignIn, request: Request, response: Response): Promise<Caller | undefined> => {
    const takeOfAddress = async () => sayAllowance(response, await limits.take("requests.ip", ipOf(request)));
    try {
      const caller = await callerOf(signIn, request);
      if (caller) sayAllowance(response, await limits.take("requests", caller.userId));
      else await takeOfAddress();
      return caller;
    } catch (error) {
      // Guessing at tokens is not free either.
      if (error instanceof Refusal && error.code.startsWith("AUTH_")) await takeOfAddress();
      throw error;
    }
  };
}

export function bearerOf(request: Request): string | undefined {
  const given = request.get("authorization");
  if (given === undefined) return undefined;
  const [, token] = /^Bearer +(\S+)$/i.exec(given.trim()) ?? [];
  if (token === undefined) throw new Refusal("AUTH_TOKEN_INVALID", "The Authorization header must be a Bearer token");
  return token;
}
