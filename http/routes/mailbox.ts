import { type Request, Router } from "express";
import type { Mailbox } from "../../domain/mailbox.ts";
import { parse } from "../../domain/refusal.ts";
import { type MailboxItem, ReadMailbox } from "../../schema/wire/mailbox.ts";
import { notStored } from "../middleware.ts";
import { countedAs } from "../observe.ts";
import { html, type Markup, sendPage } from "../page.ts";
import { notAllowed } from "../serve.ts";

const PAGE = "/dev/mailbox";
const JSON_PAGE = "/dev/mailbox.json";

/** All that would have left this machine, for whoever tries it out. Where real messages leave, this is not there. */
export function mailboxRoutes(mailbox: Mailbox): Router {
  return Router({ caseSensitive: true })
    .get(JSON_PAGE, countedAs(JSON_PAGE), notStored, async ({ query }, response) => {
      response.json({ messages: await mailbox.read(parse(ReadMailbox, query)) });
    })
    .all(JSON_PAGE, notAllowed(["GET"]))
    .get(PAGE, countedAs(PAGE), async (request, response) => {
      const { id, samples, ...rest } = request.query;
      const asked = parse(ReadMailbox, withoutEmpty(rest));
      const filter = { ...asked, isSamples: samples !== undefined };
      const messages = filter.isSamples ? mailbox.samples() : await mailbox.read(asked);
      const open = messages.find((message) => message.id === id) ?? messages[0];
      sendPage(response, { title: "Mailbox", body: bodyOf(messages, open, filter), style: STYLE, showsMails: true });
    })
    .all(PAGE, notAllowed(["GET"]));
}

/** A form sends its empty fields too. */
const withoutEmpty = (query: Request["query"]): object =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));

/** What the list shows of all there is. */
type Filter = ReadMailbox & { readonly isSamples: boolean };

type Kind = MailboxItem["channel"];

const KINDS = { email: "Mail", sms: "Texts", push: "Pushes" } as const satisfies Record<Kind, string>;

const SIGNS = {
  email: html`<path d="M2.5 4.5h15v11h-15z M3 5l7 6 7-6"/>`,
  sms: html`<path d="M3 4h14v9.5H9.5L6 16.5v-3H3z"/>`,
  push: html`<path d="M10 3a4.5 4.5 0 0 1 4.5 4.5V11l1.5 2.5H4L5.5 11V7.5A4.5 4.5 0 0 1 10 3z M8.5 16h3"/>`,
} as const satisfies Record<Kind, Markup>;

const signOf = (channel: Kind): Markup =>
  html`<svg class="sign" viewBox="0 0 20 20" role="img" aria-label="${channel}">${SIGNS[channel]}</svg>`;

function bodyOf(messages: readonly MailboxItem[], open: MailboxItem | undefined, filter: Filter): Markup {
  const items = messages.map((message) => itemOf(message, message === open, filter));
  return html`
<div class="box">
<nav aria-label="Messages">
<header><p class="mark">Mailbox</p>${filter.isSamples ? SAMPLES : askOf(filter)}</header>
${messages.length === 0 ? html`<p class="none soft">Nothing was sent yet.</p>` : html`<ol>${items}</ol>`}
</nav>
<main>${open ? messageOf(open) : html`<p class="none soft">What is sent is shown here.</p>`}</main>
</div>`;
}

const SAMPLES = html`<p class="soft">Every letter there is, as Anna would get it. <a href="${PAGE}">Back to what was sent</a></p>`;

const askOf = ({ to = "", channel }: Filter): Markup => html`
<p class="soft">Nothing of this has left the machine. <a href="${PAGE}?samples=1">See every letter</a></p>
<form method="get" action="${PAGE}" role="search"><label for="to">Only to this address</label>
<input id="to" name="to" type="search" value="${to}" placeholder="anna@example.org">
${channel === undefined ? html`` : html`<input type="hidden" name="channel" value="${channel}">`}</form>
<p class="kinds">${kindOf("All", undefined, to, channel)}${ALL_KINDS.map((kind) => kindOf(KINDS[kind], kind, to, channel))}</p>`;

const ALL_KINDS: readonly Kind[] = ["email", "sms", "push"];

const kindOf = (name: string, kind: Kind | undefined, to: string, chosen: Kind | undefined): Markup =>
  html`<a href="${placeOf({ to, channel: kind })}" ${kind === chosen ? html`aria-current="true"` : html``}>${name}</a>`;

/** What leads to a list, or to one message of it. */
function placeOf(asked: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(asked)) if (value) search.set(name, value);
  return search.size === 0 ? PAGE : `${PAGE}?${search}`;
}

function itemOf({ id, channel, to, subject, text, at }: MailboxItem, isOpen: boolean, filter: Filter): Markup {
  const place = filter.isSamples ? { id, samples: "1" } : { id, to: filter.to, channel: filter.channel };
  return html`
<li><a href="${placeOf(place)}" ${isOpen ? html`aria-current="true"` : html``}>
${signOf(channel)}
<span class="what"><strong>${subject ?? text}</strong><span class="soft">${to}</span></span>
<time datetime="${at}" class="soft">${at.slice(11, 16)}</time></a></li>`;
}

function messageOf(message: MailboxItem): Markup {
  const { channel, to, subject, links, code, at } = message;
  const leading = links.map((link) => html`<li><a href="${link}" target="_blank" rel="noopener">${link}</a></li>`);
  return html`<header><h1>${subject ?? "Text message"}</h1>
<p class="soft">to ${to} · <time datetime="${at}">${at.slice(0, 16).replace("T", " ")} UTC</time>${code === null ? html`` : html` · code <b>${code}</b>`}</p>
${links.length === 0 ? html`` : html`<ul class="links" aria-label="Links">${leading}</ul>`}</header>
${channel === "email" ? mailOf(message) : phoneOf(message)}`;
}

const mailOf = ({ html: page, text }: MailboxItem): Markup =>
  html`<iframe title="The mail" sandbox srcdoc="${page ?? ""}"></iframe>
<details><summary>As plain text</summary><pre>${text}</pre></details>`;

/** As it stands on a phone: a push on the locked screen, a text message among others. */
const phoneOf = ({ channel, subject, text }: MailboxItem): Markup =>
  html`<div class="phone">${
    channel === "push"
      ? html`<p class="note"><b>${subject ?? ""}</b><br>${text}</p>`
      : html`<p class="bubble">${text}</p>`
  }</div>`;

const STYLE = `
.box { display: grid; grid-template-columns: minmax(16rem, 24rem) 1fr; min-height: 100vh }
nav { background: var(--sheet); border-right: 1px solid var(--line); overflow: auto; max-height: 100vh }
nav header { padding: 1.25rem 1rem .25rem } nav .mark { margin: 0 0 .4rem } nav p { margin: 0 0 .8rem; font-size: .93rem } nav input { margin-bottom: .8rem }
.kinds { display: flex; gap: .35rem } .kinds a { padding: .2rem .7rem; border: 1px solid var(--line); border-radius: 1rem; color: inherit; text-decoration: none; font-size: .85rem } .kinds a[aria-current] { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
nav ol { list-style: none; margin: 0; padding: 0 .5rem 1rem }
nav ol a { display: flex; gap: .7rem; align-items: center; padding: .65rem .6rem; border-radius: .75rem; color: inherit; text-decoration: none }
nav ol a[aria-current] { background: var(--back) } nav ol a:hover { background: var(--back) }
.sign { flex: none; width: 1.25rem; height: 1.25rem; fill: none; stroke: var(--soft); stroke-width: 1.4; stroke-linejoin: round; stroke-linecap: round } a[aria-current] .sign { stroke: var(--accent) }
.what { display: grid; flex: 1; min-width: 0 } .what > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 500; font-size: .93rem } .what .soft { font-weight: 400; font-size: .82rem }
time { font-size: .82rem; font-variant-numeric: tabular-nums }
main { padding: 1.5rem; max-height: 100vh; overflow: auto } main header { max-width: 44rem; margin: 0 auto 1rem } main h1, .links { overflow-wrap: anywhere } main header p { margin-bottom: .5rem }
.links { list-style: none; margin: 0; padding: 0; font-size: .88rem }
iframe { display: block; width: 100%; max-width: 44rem; height: 70vh; margin: 0 auto; border: 1px solid var(--line); border-radius: 1rem; background: var(--back) }
details { max-width: 44rem; margin: 1rem auto } summary { cursor: pointer } pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; border-radius: .75rem; background: var(--sheet); border: 1px solid var(--line) }
.phone { max-width: 22rem; margin: 2rem auto; padding: 2.5rem 1rem; min-height: 24rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 2rem }
.bubble { display: inline-block; max-width: 88%; padding: .7rem .95rem; border-radius: 1.1rem 1.1rem 1.1rem .3rem; background: var(--back); overflow-wrap: anywhere }
.note { padding: .85rem 1rem; border-radius: 1rem; background: var(--back); overflow-wrap: anywhere } .none { padding: 2rem 1rem; text-align: center }
@media (max-width: 46rem) { .box { grid-template-columns: 1fr } nav { max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line) } main { max-height: none } }
`;
