import type { Request, Response } from "express";
import { Refusal } from "../domain/refusal.ts";
import { html, ofNobodyElse } from "./page.ts";

/** A file of a page: its name changes with what is in it, so it may be kept for ever. */
export interface PageFile {
  readonly type: string;
  readonly body: Uint8Array;
  readonly zipped: Uint8Array;
}

/** A page of ours that is built from web/: the names of its script and style, and all its files by their names. */
export interface BuiltPage {
  readonly script: string;
  readonly style: string;
  readonly files: ReadonlyMap<string, PageFile>;
}

export interface Shell {
  readonly title: string;
  /** Where its files are. */
  readonly folder: string;
  readonly icon: string;
  /** What its script is to know from the start. */
  readonly offers?: string;
  /** For whoever runs no scripts. */
  readonly unscripted: string;
  /** The origin of another server that files are sent to and shown from. */
  readonly filesAt?: string | undefined;
  /** Whether it shows pictures and plays recordings of which it holds a copy. */
  readonly showsCopies?: boolean;
  /** Whether a person may let it listen. */
  readonly listens?: boolean;
}

/** Runs its own script and nothing else, whatever somebody wrote, and talks to nobody but this server and its store. */
const policyWith = (filesAt = "", copies = ""): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    `img-src 'self' data: ${copies}${filesAt}`.trim(),
    `media-src 'self' ${copies}${filesAt}`.trim(),
    `connect-src 'self' ${filesAt}`.trim(),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");

/** What a page might ask a person for, and never does. */
const UNASKED = [
  ...[
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "midi",
    "payment",
    "usb",
  ],
];

const permissionsWith = (listens: boolean): string =>
  [`microphone=(${listens ? "self" : ""})`, ...UNASKED.map((name) => `${name}=()`)].join(", ");

export function sendBuiltPage(response: Response, { script, style }: BuiltPage, shell: Shell): void {
  const { title, folder, icon, offers = "", unscripted, filesAt, showsCopies = false, listens = false } = shell;
  response.set({ "Content-Security-Policy": policyWith(filesAt, showsCopies ? "blob: " : ""), ...ofNobodyElse });
  response.set("Permissions-Policy", permissionsWith(listens));
  response.type("html").send(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
<link rel="stylesheet" href="${folder}/${style}">
<script type="module" src="${folder}/${script}"></script>
</head>
<body>
<div id="root" data-offers="${offers}"></div>
<noscript>${unscripted}</noscript>
</body>
</html>
`.source,
  );
}

export function sendFile(request: Request, response: Response, { files }: BuiltPage): void {
  const file = files.get(String(request.params["file"]));
  if (!file) throw new Refusal("NOT_FOUND", "There is nothing here");
  response.vary("Accept-Encoding").set({ "Cache-Control": "public, max-age=31536000, immutable" }).type(file.type);
  const isZipped = request.acceptsEncodings("gzip") === "gzip" && file.zipped.length < file.body.length;
  if (isZipped) response.set("Content-Encoding", "gzip");
  response.send(Buffer.from(isZipped ? file.zipped : file.body));
}
