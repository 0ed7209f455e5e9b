import express, { type Express, type Request, Router } from "express";
import helmet from "helmet";
import type { Idempotency } from "../domain/idempotency.ts";
import type { Invitations } from "../domain/invitations.ts";
import type { Mailbox } from "../domain/mailbox.ts";
import type { Authenticate, Limits } from "../domain/ports.ts";
import type { Profiles } from "../domain/profiles.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Unsubscribes } from "../domain/unsubscribes.ts";
import type { PublicKeys } from "../schema/wire/accounts.ts";
import { admission } from "./admission.ts";
import { clientIpReader, type ProxyTrust } from "./client-ip.ts";
import { errorHandler, inEnvelope, type Report } from "./errors.ts";
import { corsFor, notStored, plainQueries, readableAddress, requestIds, varyByOrigin } from "./middleware.ts";
import { countedAs, type Observe, observed } from "./observe.ts";
import { openApi } from "./openapi.ts";
import type { Route } from "./route.ts";
import { type AssessmentRoutesDeps, assessmentRoutes } from "./routes/assessments.ts";
import { type AuthDeps, authRoutes } from "./routes/auth.ts";
import { BLOBS, type BlobsDeps, blobRoutes } from "./routes/blobs.ts";
import { docsRoutes } from "./routes/docs.ts";
import { DOWNLOADS, type DownloadsDeps, downloadRoutes } from "./routes/downloads.ts";
import { exportPage } from "./routes/export-page.ts";
import { invitationPage } from "./routes/invitation-page.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { jwksRoute } from "./routes/jwks.ts";
import { linkPages } from "./routes/link-pages.ts";
import { mailboxRoutes } from "./routes/mailbox.ts";
import { contentRoutes, type MediaRoutesDeps, mediaRoutes } from "./routes/media.ts";
import { type MessageRoutesDeps, messageRoutes } from "./routes/messages.ts";
import { type MetricsDeps, metricsRoutes } from "./routes/metrics.ts";
import { type OperationsDeps, operationsRoutes, socketRoutes } from "./routes/operations.ts";
import { type PrivacyDeps, privacyRoutes } from "./routes/privacy.ts";
import { type ResearchDeps, researchRoutes } from "./routes/research.ts";
import { type StudyStaffRoutesDeps, studyStaffRoutes } from "./routes/research-staff.ts";
import { matchmakeRoutes, type SeatGiver, type StandInLine, seatRoutes } from "./routes/room.ts";
import { type SafetyDeps, safetyRoutes } from "./routes/safety.ts";
import { type StaffRoutesDeps, staffRoutes } from "./routes/staff.ts";
import { type StaffPage, staffPageRoutes } from "./routes/staff-page.ts";
import { type StorePageDeps, storePage } from "./routes/store-page.ts";
import { type StoryRoutesDeps, storyRoutes } from "./routes/stories.ts";
import { type SubscriptionsDeps, subscriptionRoutes } from "./routes/subscriptions.ts";
import { type TwinPairing, twinRoutes } from "./routes/twins.ts";
import { type TwintuitionRoutesDeps, twintuitionRoutes } from "./routes/twintuition.ts";
import { type TwoPhones, twoPhonesRoutes } from "./routes/two-phones.ts";
import { unsubscribePage } from "./routes/unsubscribe-page.ts";
import { pushTokenRoutes, type RingingDevices, userRoutes } from "./routes/users.ts";
import { type WebhooksDeps, webhookRoutes } from "./routes/webhooks.ts";
import { API, serve } from "./serve.ts";

export interface HttpDeps
  extends Omit<OperationsDeps, "now">,
    AuthDeps,
    SafetyDeps,
    WebhooksDeps,
    MessageRoutesDeps,
    MediaRoutesDeps,
    StoryRoutesDeps,
    PrivacyDeps,
    AssessmentRoutesDeps,
    ResearchDeps,
    StudyStaffRoutesDeps,
    StaffRoutesDeps,
    TwintuitionRoutesDeps {
  readonly subscriptions: WebhooksDeps["subscriptions"] & SubscriptionsDeps["subscriptions"];
  readonly authenticate: Authenticate;
  /** Who asks for a seat: the same, by a look that sees more. */
  readonly arrive?: Authenticate;
  readonly line?: StandInLine;
  readonly publicKeys: PublicKeys;
  readonly profiles: Profiles;
  readonly pushTokens: RingingDevices;
  readonly pairing: TwinPairing;
  readonly invitations: Omit<Invitations, "follow" | "sweep">;
  readonly unsubscribes: Pick<Unsubscribes, "isKnown" | "unsubscribe">;
  readonly idempotency: Idempotency;
  readonly seats: SeatGiver;
  readonly exports: PrivacyDeps["exports"] & DownloadsDeps["exports"];
  readonly limits: Pick<Limits, "take">;
  /** Where files lie, if that is here. */
  readonly blobs: BlobsDeps["blobs"];
  readonly proxies: ProxyTrust;
  readonly origins: readonly string[];
  /** For who counts and measures; nobody by default. */
  readonly observe?: Observe;
  /** What /metrics tells, and whom; nothing is there by default. */
  readonly metrics?: Omit<MetricsDeps, "proxies">;
  /** What would have left this machine; undefined where real messages leave it. */
  readonly mailbox?: Mailbox | undefined;
  /** The store that is built in; undefined where people pay. */
  readonly storePage?: StorePageDeps | undefined;
  /** The page to try all this by; undefined where it is not shown. */
  readonly twoPhones?: TwoPhones | undefined;
  /** The page of those who work here, built when it is first asked for; undefined where it is not shown. */
  readonly staffPage?: StaffPage | undefined;
  readonly report: Report;
}

/** All calls under /api/v1. */
export function apiRoutes(deps: HttpDeps): readonly Route[] {
  return [
    ...authRoutes(deps),
    ...userRoutes(deps.profiles),
    ...pushTokenRoutes(deps.pushTokens),
    ...privacyRoutes(deps),
    ...assessmentRoutes(deps),
    ...researchRoutes(deps),
    ...studyStaffRoutes(deps),
    ...twinRoutes(deps.pairing),
    ...invitationRoutes(deps.invitations),
    ...safetyRoutes(deps),
    ...messageRoutes(deps),
    ...twintuitionRoutes(deps),
    ...subscriptionRoutes(deps),
    ...mediaRoutes(deps),
    ...storyRoutes(deps),
    ...seatRoutes(deps.seats),
    ...socketRoutes(deps),
    ...staffRoutes(deps),
  ];
}

/** The REST side, in the order a request meets it. */
export function httpApp(deps: HttpDeps): Express {
  const { clock, chance, origins, proxies, metrics, report, observe = unobserved } = deps;
  const now = () => clock.now();
  const readIp = clientIpReader(proxies);
  const ipOf = (request: Request) => readIp(request.socket.remoteAddress, (name) => request.get(name));
  const admit = admission({ ...deps, ipOf });
  const admitToSeat = admission({ ...deps, authenticate: deps.arrive ?? deps.authenticate, ipOf });

  return express()
    .disable("x-powered-by")
    .disable("etag")
    .set("query parser", "simple")
    .use(
      observed(observe),
      requestIds(() => chance.newId(now())),
      helmet(),
      varyByOrigin,
      corsFor(origins),
    )
    .use("/matchmake", countedAs("/matchmake/:method/:room"), matchmakeRoutes({ ...deps, admit: admitToSeat }))
    .use(readableAddress, plainQueries)
    .use(operationsRoutes({ ...deps, now }))
    .use(metrics ? metricsRoutes({ ...metrics, proxies }) : Router())
    .use("/.well-known/jwks.json", countedAs("/.well-known/jwks.json"))
    .use(jwksRoute(deps.publicKeys))
    .use(docsRoutes(() => openApi({ version: deps.version, publicUrl: deps.publicUrl, routes: apiRoutes(deps) })))
    .use(deps.mailbox ? mailboxRoutes(deps.mailbox) : Router())
    .use(deps.storePage ? storePage(deps.storePage) : Router())
    .use(deps.twoPhones ? twoPhonesRoutes(deps.twoPhones, { admit }) : Router())
    .use(deps.staffPage ? staffPageRoutes(deps.staffPage) : Router())
    .use(linkPages())
    .use(invitationPage(deps.invitations))
    .use(exportPage())
    .use(unsubscribePage(deps.unsubscribes))
    .use(`${API}/webhooks`, webhookRoutes(deps))
    .use(API + DOWNLOADS, downloadRoutes({ ...deps, admit }))
    .use(API + BLOBS, blobRoutes({ ...deps, admit }))
    .use(API, contentRoutes({ ...deps, admit }))
    .use(API, notStored, serve(apiRoutes(deps), { ...deps, admit, ipOf }))
    .use(() => {
      throw new Refusal("NOT_FOUND", "There is nothing here");
    })
    .use(errorHandler(report, inEnvelope(now)));
}

const unobserved: Observe = () => () => undefined;
