import twilioSdk from "twilio";

/**
 * Whether Twilio signed that: over the address it was told, which is ours as the world knows it and not what stands in
 * a request, with the `search` that was added to it (nothing, or from the question mark on), and over all parameters.
 */
export const twilioSignature =
  (authToken: string, url: string) =>
  (params: Readonly<Record<string, string>>, signature: string, search = ""): boolean =>
    twilioSdk.validateRequest(authToken, signature, url + search, { ...params });
