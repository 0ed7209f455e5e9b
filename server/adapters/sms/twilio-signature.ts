import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether Twilio signed that: over the address it was told, which is ours as the world knows it and not what stands in
 * a request, with the `search` that was added to it (nothing, or from the question mark on), and over all parameters in
 * the order of their names: HMAC-SHA1 under the auth token, as its guide to webhook security has it.
 */
export const twilioSignature =
  (authToken: string, url: string) =>
  (params: Readonly<Record<string, string>>, signature: string, search = ""): boolean => {
    const named = Object.keys(params)
      .sort()
      .map((name) => `${name}${params[name]}`);
    const right = createHmac("sha1", authToken)
      .update(`${url}${search}${named.join("")}`)
      .digest();
    const given = Buffer.from(signature, "base64");
    return given.length === right.length && timingSafeEqual(given, right);
  };
