import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { WebSocket, WebSocketServer } from "ws";
import { freePort } from "../../server/adapters/database/postmaster.ts";
import { compose, deployed } from "../support/deployment.ts";
import { Nginx } from "../support/nginx.ts";

/** A node that answers with its name and what it heard. */
class Node {
  readonly name: string;
  readonly server: Server;
  port = 0;
  readonly heard: { readonly request: IncomingMessage; readonly body: string }[] = [];
  answers: (request: IncomingMessage, response: ServerResponse, body: string) => void;

  private constructor(name: string) {
    this.name = name;
    this.answers = (_request, response) => response.end(this.name);
    this.server = createServer(async (request, response) => {
      const body = await text(request);
      this.heard.push({ request, body });
      this.answers(request, response, body);
    });
  }

  static async open(name: string): Promise<Node> {
    const node = new Node(name);
    await once(node.server.listen(0, "127.0.0.1"), "listening");
    const address = node.server.address();
    node.port = typeof address === "object" && address ? address.port : 0;
    return node;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

const isThere = Nginx.isThere;

describe("the proxy", function () {
  this.timeout(20_000);
  let a: Node;
  let b: Node;
  let proxy: Nginx;
  before(function () {
    // A gate that cannot look must not say that all is well.
    if (!isThere) return process.env["CI"] === "true" ? assert.fail("nginx is not there") : this.skip();
  });
  beforeEach(async () => {
    [a, b] = await Promise.all([Node.open("a"), Node.open("b")]);
    proxy = await Nginx.start([a.port, b.port]);
  });
  afterEach(async () => {
    await proxy?.stop();
    a?.close();
    b?.close();
  });

  const ask = (path = "/", options: RequestInit = {}) => fetch(`http://127.0.0.1:${proxy.port}${path}`, options);
  const times = async (count: number, options: RequestInit = {}) => {
    const names: string[] = [];
    for (let n = 0; n < count; n++) names.push(await (await ask("/", options)).text());
    return names;
  };

  it("[DP7] is configured without a complaint, for every node that compose starts, at its port and by its name", () => {
    assert.equal(Nginx.complaints(), "");
    const nodes = deployed.read("deploy/nginx/nodes.conf");
    const named = [...nodes.matchAll(/^ {2}server (\S+) resolve /gm)].map(([, name = ""]) => name);
    const started = Object.entries(compose().services).filter(([name]) => name.startsWith("web-"));
    assert.deepEqual(
      named,
      started.map(([name, { expose = [] }]) => `${name}:${expose[0]}`),
    );
    const listens = /listen (\d+);/.exec(deployed.read("deploy/nginx/nginx.conf"))?.[1];
    assert.deepEqual(compose().services["proxy"]?.ports, [`3000:${listens}`]);
  });

  it("[DP8] gives each request to the next node, whoever sends it", async () => {
    const names = await times(20);
    assert.equal(names.filter((name) => name === "a").length, 10, names.join(""));
  });

  it("[DP8] gives what a node does not take to another, and nobody notices, whatever was asked", async () => {
    a.close();
    const options: RequestInit[] = [{}, { method: "POST", body: "once" }, { method: "DELETE" }];
    for (const one of options) assert.deepEqual(new Set(await times(6, one)), new Set(["b"]));
    assert.equal(b.heard.length, 18);
  });

  it("[DP8] takes a node back that is there again", async () => {
    a.close();
    assert.deepEqual(new Set(await times(4)), new Set(["b"]));
    const again = createServer((_request, response) => void response.end("a")).listen(a.port, "127.0.0.1");
    await once(again, "listening");
    const deadline = performance.now() + 5000;
    while (!(await times(2)).includes("a")) assert.ok(performance.now() < deadline);
    again.close();
    again.closeAllConnections();
  });

  it("[DP8] never says twice what a node may have heard, if saying it twice does harm", async () => {
    for (const node of [a, b]) node.answers = ({ socket }) => void socket.destroy();
    assert.equal((await ask("/", { method: "POST", body: "once" })).status, 502);
    assert.equal(a.heard.length + b.heard.length, 1);
  });

  it("[DP8] asks another node what one did not answer, if asking twice does no harm", async () => {
    a.answers = ({ socket }) => void socket.destroy();
    assert.deepEqual(new Set(await times(4)), new Set(["b"]));
    assert.ok(a.heard.length > 0);
  });

  it("[DP9] tells a node whose request it is, and nothing that the client wrote about that itself", async () => {
    const forged = { "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", forwarded: "for=203.0.113.9" };
    await ask("/who", { headers: { ...forged, "x-forwarded-host": "evil.example.org", authorization: "Bearer mine" } });
    const [{ request }] = [...a.heard, ...b.heard] as [(typeof a.heard)[0]];
    const { headers } = request;
    assert.equal(headers["x-forwarded-for"], "127.0.0.1");
    assert.equal(headers["x-forwarded-proto"], "http");
    for (const name of ["x-real-ip", "forwarded", "x-forwarded-host"]) assert.equal(headers[name], undefined, name);
    assert.equal(headers.host, `127.0.0.1:${proxy.port}`);
    assert.equal(headers.authorization, "Bearer mine");
  });

  it("[DP9] keeps to itself what is for neighbours and for those who look after the nodes", async () => {
    for (const path of ["/metrics", "/cluster/v1/alive", "/cluster/", "//metrics", "/x/../metrics", "/%6detrics"])
      assert.equal((await raw(proxy.port, path)).split(" ")[1], "404", path);
    assert.deepEqual([a.heard.length, b.heard.length], [0, 0]);
  });

  it("[DP9] leaves it to a node to say that something is too long", async () => {
    a.answers = b.answers = (_request, response, body) => response.writeHead(413).end(String(body.length));
    const answer = await ask("/", { method: "POST", body: "x".repeat(1_100_000) });
    assert.deepEqual([answer.status, await answer.text()], [413, "1100000"]);
  });

  it("[DP9] writes no query into its log, where a token may stand", async () => {
    await ask("/seen?_authToken=tell-nobody");
    await ask("/also-seen");
    // Each of its workers writes when it comes to it.
    for (const path of ["/seen", "/also-seen"]) await untilLogged(proxy, `GET ${path} 200`);
    assert.doesNotMatch(proxy.log(), /tell-nobody/);
  });

  it("[DP10] lets a WebSocket through, both ways, with what it was asked with", async () => {
    const sockets = new WebSocketServer({ server: a.server });
    const more = new WebSocketServer({ server: b.server });
    for (const one of [sockets, more])
      one.on("connection", (socket, { url }) => socket.on("message", (said) => socket.send(`${url} ${said}`)));
    const clients = await Promise.all([1, 2].map(() => opened(`ws://127.0.0.1:${proxy.port}/p/r?sessionId=s`)));
    assert.deepEqual([sockets.clients.size, more.clients.size], [1, 1]);
    const closed = clients.map((client) => once(client, "close"));
    for (const client of clients) {
      client.send("there and back");
      const [said] = await once(client, "message");
      assert.equal(String(said), "/p/r?sessionId=s there and back");
      client.close(4000, "left");
    }
    await Promise.all(closed);
    for (const one of [sockets, more]) one.close();
  });

  it("[DP10] closes a WebSocket with the code its node closes it with, and a node that dies is felt at once", async () => {
    const sockets = [a, b].map(({ server }) => new WebSocketServer({ server }));
    sockets[0]?.on("connection", (socket) => socket.close(4503, "draining"));
    sockets[1]?.on("connection", (socket) => socket.terminate());
    const clients = [1, 2].map(() => new WebSocket(`ws://127.0.0.1:${proxy.port}/`));
    const codes = await Promise.all(clients.map(async (client) => (await once(client, "close"))[0]));
    assert.deepEqual(codes.sort(), [1006, 4503]);
    for (const one of sockets) one.close();
  });

  it("[DP8] with no node at all it says so, and starts all the same", async () => {
    const alone = await Nginx.start([await freePort()]);
    assert.equal((await fetch(`http://127.0.0.1:${alone.port}/`)).status, 502);
    await alone.stop();
  });
});

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

/** fetch would tidy the path up. */
function raw(port: number, path: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

async function untilLogged(proxy: Nginx, words: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!proxy.log().includes(words)) {
    assert.ok(performance.now() < deadline, proxy.log());
    await new Promise(setImmediate);
  }
}
