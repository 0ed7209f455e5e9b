import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Router } from "express";
import { countedAs } from "../observe.ts";
import type { OpenApi } from "../openapi.ts";
import { notAllowed } from "../serve.ts";

/**
 * The document, and a page to read and try it by, from our own server: nothing is fetched from anywhere else. It is made
 * when it is first asked for: no start waits for it.
 */
export function docsRoutes(describe: () => OpenApi): Router {
  let made: Document | undefined;
  const document = () => {
    made ??= documentOf(describe());
    return made;
  };
  return Router({ caseSensitive: true })
    .get("/openapi.json", countedAs("/openapi.json"), (request, response) => {
      const { etag, text } = document();
      response.set({ ETag: etag, "Cache-Control": "public, max-age=300" });
      if (request.get("if-none-match")?.includes(etag)) return void response.status(304).end();
      response.type("json").send(text);
    })
    .all("/openapi.json", notAllowed(["GET"]))
    .get("/docs", countedAs("/docs"), (_request, response) => {
      response.set({ "Content-Security-Policy": POLICY, "Cache-Control": "no-cache" }).type("html").send(PAGE);
    })
    .get("/docs/start.js", countedAs("/docs"), (_request, response) => {
      response.set("Cache-Control", "no-cache").type("js").send(START);
    })
    .get(FILES, countedAs("/docs"), ({ path }, response) => {
      response.sendFile(path.slice("/docs/".length), { root: READER, maxAge: "1d" });
    });
}

interface Document {
  readonly text: string;
  readonly etag: string;
}

function documentOf(described: OpenApi): Document {
  const text = JSON.stringify(described);
  return { text, etag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"` };
}

/** Where its files are. To import it would load all of it into the server, which only hands it out. */
const READER = fileURLToPath(new URL(".", import.meta.resolve("swagger-ui-dist/package.json")));

/** Of all that it brings, what the page asks for. */
const FILES = ["/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"];

/** Its own styles are written into the page as it draws; nothing else is. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Twinship: the interface</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#ui", deepLinking: true, persistAuthorization: false, validatorUrl: null });
`;
