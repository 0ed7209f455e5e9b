import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, get, type Server } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { type Listening, listenOn } from "../../server/listening.ts";

/** Far below the twenty seconds after which a process that stops is ended. */
const SOON_MS = 5000;

describe("an HTTP server that closes", () => {
  let http: Server;
  let port: number;
  let close: Listening["close"];
  let answer: () => void;
  let asked: Promise<void>;
  beforeEach(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    asked = promise;
    http = createServer((_request, response) => {
      answer = () => void response.end("answered");
      resolve();
    });
    ({ port, close } = await listenOn(http, { PORT: 0, HOST: "127.0.0.1" }));
  });
  afterEach(() => http.closeAllConnections());

  const soon = async (work: Promise<unknown>) => {
    const signal = AbortSignal.timeout(SOON_MS);
    await Promise.race([work, once(signal, "abort").then(() => assert.fail("it did not close soon"))]);
  };

  it("[SK6] waits for nobody who connected and never asked anything, as browsers and balancers do in advance", async () => {
    const silent = connect(port, "127.0.0.1");
    const closed = once(silent, "close");
    await once(http, "connection");
    await soon(close());
    await closed;
  });

  it("[SK6] waits for nobody who began to ask and never came to the end of it", async () => {
    const slow = connect(port, "127.0.0.1");
    slow.write("GET / HTTP/1.1\r\nHost: half");
    await once(http, "connection");
    slow.on("error", () => undefined);
    await soon(close());
  });

  it("[SK6] answers who asked before it closed", async () => {
    const answered = new Promise<string>((resolve) => void get({ port, host: "127.0.0.1" }, (it) => resolve(text(it))));
    await asked;
    const closing = close();
    setTimeout(() => answer(), 1500);
    assert.equal(await answered, "answered");
    await soon(closing);
  });
});
