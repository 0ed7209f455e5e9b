import type { IncomingMessage } from "node:http";
import { type Request, type RequestHandler, Router } from "express";
import type { ProviderReports } from "../../domain/provider-reports.ts";
import { Refusal } from "../../domain/refusal.ts";
import type { Subscriptions } from "../../domain/subscriptions/subscriptions.ts";
import { bytesOf } from "../body.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { notAllowed } from "../serve.ts";

export interface WebhooksDeps {
  readonly providerReports: Omit<ProviderReports, "sweep">;
  readonly subscriptions: Pick<Subscriptions, "hear">;
  /** Whether each provider signed what came in its name; undefined where there is nothing to know that by. */
  readonly signatures: {
    readonly sendgrid: ((timestamp: string, body: Buffer, signature: string) => boolean) | undefined;
    readonly twilio:
      | ((params: Readonly<Record<string, string>>, signature: string, search: string) => boolean)
      | undefined;
    readonly revenuecat:
      | ((headers: { readonly authorization: string; readonly signature: string }, body: Buffer) => boolean)
      | undefined;
  };
}

const MOST_BYTES = 1024 * 1024;

/** Where providers tell what became of what they took. Only what they signed is read at all. */
export function webhookRoutes({ providerReports, subscriptions, signatures }: WebhooksDeps): Router {
  const hook = (path: string, handle: (request: Request, body: Buffer) => Promise<void>) => {
    const answer: RequestHandler = async (request, response) => {
      await handle(request, await bytesOf(request, MOST_BYTES));
      response.json({ success: true });
    };
    return Router({ caseSensitive: true })
      .use(path, notStored, countedAs(`/api/v1/webhooks${path}`))
      .post(path, answer)
      .all(path, notAllowed(["POST"]));
  };

  return Router().use(
    hook("/sendgrid", async (request, body) => {
      const timestamp = one(request, "x-twilio-email-event-webhook-timestamp");
      const signature = one(request, "x-twilio-email-event-webhook-signature");
      if (!signatures.sendgrid?.(timestamp, body, signature)) throw notSigned();
      await providerReports.mail(jsonOf(body));
    }),
    hook("/twilio", async (request, body) => {
      const params = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
      const search = /\?.*$/.exec(request.originalUrl)?.[0] ?? "";
      if (!signatures.twilio?.(params, one(request, "x-twilio-signature"), search)) throw notSigned();
      await providerReports.text(params, request.query["delivery"]);
    }),
    hook("/revenuecat", async (request, body) => {
      const authorization = one(request, "authorization");
      const signature = one(request, "x-revenuecat-webhook-signature");
      if (!signatures.revenuecat?.({ authorization, signature }, body)) throw notSigned();
      await subscriptions.hear(jsonOf(body));
    }),
  );
}

function one({ headers }: IncomingMessage, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

const notSigned = () => new Refusal("FORBIDDEN", "This is not signed by whom it claims to be from");

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new Refusal("MALFORMED_JSON", "The body is not JSON", { cause: error });
  }
}
