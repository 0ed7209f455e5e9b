import { type Request, Router } from "express";
import { parse, Refusal } from "../../domain/refusal.ts";
import { plans } from "../../domain/subscriptions/plans.ts";
import type { TestStore } from "../../domain/subscriptions/test-store.ts";
import type { Customer, TestStoreWindow, ToldOf } from "../../domain/subscriptions/test-store-window.ts";
import { type SubscriptionView, type TestDeed, TestOrder, TestQuery } from "../../schema/wire/subscriptions.ts";
import { bytesOf } from "../body.ts";
import { countedAs } from "../observe.ts";
import { html, type Markup, sendPage } from "../page.ts";
import { notAllowed } from "../serve.ts";

const PAGE = "/dev/store";

const FORM_BYTES = 4096;

export interface StorePageDeps {
  readonly testStore: Pick<TestStore, "order">;
  readonly testStoreWindow: TestStoreWindow;
}

/** The store that is built in, for whoever tries it out: what is done here is free, and counts at once. */
export function storePage({ testStore, testStoreWindow }: StorePageDeps): Router {
  return Router({ caseSensitive: true })
    .get(PAGE, countedAs(PAGE), async ({ query }, response) => {
      const asked = parse(TestQuery, withoutEmpty(query));
      const seen = await testStoreWindow.look(asked);
      sendPage(response, { title: "Test store", body: bodyOf({ ...seen, email: asked.email ?? "" }), style: STYLE });
    })
    .post(PAGE, countedAs(PAGE), async (request, response) => {
      refuseOthers(request);
      const form = new URLSearchParams((await bytesOf(request, FORM_BYTES)).toString("utf8"));
      const { email, ...order } = Object.fromEntries(form);
      const { userId, ...rest } = parse(TestOrder, order);
      await testStore.order({ ...rest, userId });
      response.redirect(303, placeOf({ user: userId, email }));
    })
    .all(PAGE, notAllowed(["GET", "POST"]));
}

/** A form sends its empty fields too. */
const withoutEmpty = (query: Request["query"]): object =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));

/** A page of somebody else's, open in the same browser, buys nothing here. */
function refuseOthers(request: Request): void {
  const site = request.get("sec-fetch-site") ?? "none";
  if (site !== "same-origin" && site !== "none") throw new Refusal("FORBIDDEN", "This is for its own page only");
}

function placeOf(asked: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value) search.set(name, value);
  return search.size === 0 ? PAGE : `${PAGE}?${search}`;
}

interface Shown {
  readonly customers: readonly Customer[];
  readonly chosen: Customer | undefined;
  readonly events: readonly ToldOf[];
  readonly email: string;
}

const bodyOf = ({ customers, chosen, events, email }: Shown): Markup => html`
<div class="shop">
<nav aria-label="People">
<header><p class="mark">Test store</p>
<p class="soft">Nobody pays anything here. What is done counts at once.</p>
<form method="get" action="${PAGE}" role="search"><label for="email">Only this address</label>
<input id="email" name="email" type="search" value="${email}" placeholder="anna@example.org"></form></header>
${
  customers.length === 0
    ? html`<p class="none soft">Nobody has signed up yet.</p>`
    : html`<ol>${customers.map((one) => itemOf(one, one === chosen, email))}</ol>`
}
</nav>
<main>${chosen ? counterOf(chosen, events, email) : html`<p class="none soft">Whoever signs up can be served here.</p>`}</main>
</div>`;

const itemOf = ({ userId, name, email, subscription }: Customer, isChosen: boolean, asked: string): Markup => html`
<li><a href="${placeOf({ user: userId, email: asked })}" ${isChosen ? html`aria-current="true"` : html``}>
<span class="what"><strong>${name}</strong><span class="soft">${email}</span></span>
<span class="badge" data-premium="${String(subscription.isActive)}">${subscription.status ?? "free"}</span></a></li>`;

const DEEDS: readonly (readonly [TestDeed, string])[] = [
  ["renew", "Renew"],
  ["cancel", "Cancel"],
  ["uncancel", "Take the cancelling back"],
  ["fail", "Payment fails, three days of grace"],
  ["hold", "Payment fails, no grace"],
  ["pause", "Pause"],
  ["expire", "End it now"],
  ["refund", "Pay it back"],
];

const counterOf = (customer: Customer, events: readonly ToldOf[], asked: string): Markup => html`<header>
<h1>${customer.name}</h1><p class="soft">${customer.email}</p>${stateOf(customer.subscription)}</header>
<section aria-label="Buy"><h2>Buy</h2><div class="deeds">${plans.map(({ productId, name, price, period }) =>
  orderOf(customer, asked, "buy", productId, `${name}: $${price} a ${period}`),
)}${orderOf(customer, asked, "try", "twinship_monthly", "Try it for a week")}</div></section>
${customer.subscription.status === null ? html`` : changesOf(customer, asked)}
<section aria-label="What happened"><h2>What happened</h2>
${events.length === 0 ? html`<p class="soft">Nothing yet.</p>` : html`<ol class="told">${events.map(toldOf)}</ol>`}</section>`;

const changesOf = (customer: Customer, asked: string): Markup => html`
<section aria-label="What may become of it"><h2>What may become of it</h2><div class="deeds">${DEEDS.map(
  ([deed, words]) => orderOf(customer, asked, deed, customer.subscription.productId ?? "twinship_monthly", words),
)}</div></section>`;

const stateOf = ({
  status,
  isActive,
  productId,
  expiresDate,
  graceEndsDate,
  autoRenewing,
}: SubscriptionView): Markup =>
  status === null
    ? html`<p class="state"><span class="badge">free</span> has never subscribed</p>`
    : html`<p class="state"><span class="badge" data-premium="${String(isActive)}">${status}</span> ${productId ?? ""},
${autoRenewing ? "renews" : "ends"} ${dayOf(expiresDate)}${graceEndsDate === null ? "" : `, grace until ${dayOf(graceEndsDate)}`}</p>`;

const dayOf = (at: string | null): string => at?.slice(0, 16).replace("T", " ") ?? "never said when";

const orderOf = (customer: Customer, asked: string, deed: TestDeed, productId: string, words: string): Markup => html`
<form method="post" action="${PAGE}"><input type="hidden" name="userId" value="${customer.userId}">
<input type="hidden" name="email" value="${asked}"><input type="hidden" name="productId" value="${productId}">
<button name="deed" value="${deed}">${words}</button></form>`;

const toldOf = ({ type, reason, at }: ToldOf): Markup => {
  const iso = new Date(at).toISOString();
  return html`<li><time datetime="${iso}" class="soft">${iso.slice(0, 19).replace("T", " ")}</time>
<code>${type}</code>${reason === null ? html`` : html` <span class="soft">${reason}</span>`}</li>`;
};

const STYLE = `
.shop { display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; min-height: 100vh }
nav { background: var(--sheet); border-right: 1px solid var(--line); overflow: auto; max-height: 100vh }
nav header { padding: 1.25rem 1rem .25rem } nav .mark { margin: 0 0 .4rem } nav p { margin: 0 0 .8rem; font-size: .93rem }
nav ol { list-style: none; margin: 0; padding: 0 .5rem 1rem }
nav ol a { display: flex; gap: .7rem; align-items: center; padding: .65rem .6rem; border-radius: .75rem; color: inherit; text-decoration: none }
nav ol a[aria-current], nav ol a:hover { background: var(--back) }
.what { display: grid; flex: 1; min-width: 0 } .what > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: .93rem } .what .soft { font-size: .82rem }
.badge { padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 1rem; font-size: .8rem; white-space: nowrap } .badge[data-premium=true] { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
main { padding: 1.5rem; max-height: 100vh; overflow: auto } main > * { max-width: 44rem; margin: 0 auto 1.5rem } h1 { overflow-wrap: anywhere; margin-bottom: .25rem } h2 { font-size: 1rem; margin: 0 0 .6rem } main header p { margin-bottom: .5rem }
.deeds { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .6rem } .deeds button { font-size: .93rem; padding: .65rem .8rem; color: inherit; background: var(--sheet); border: 1px solid var(--line) } .deeds button:hover { border-color: var(--accent) } [aria-label=Buy] button { color: var(--on-accent); background: var(--accent); border-color: var(--accent) }
.told { list-style: none; margin: 0; padding: 0; font-size: .88rem } .told li { padding: .35rem 0; border-bottom: 1px solid var(--line) } .told time { font-variant-numeric: tabular-nums; margin-right: .6rem }
.none { padding: 2rem 1rem; text-align: center }
@media (max-width: 46rem) { .shop { grid-template-columns: 1fr } nav { max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line) } main { max-height: none } }
`;
