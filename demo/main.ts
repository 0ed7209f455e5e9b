/** Two twins in a terminal: they sign up, pair by a code and chat; one goes away and comes back; the server is killed. */
import { parseArgs } from "node:util";
import { commandLine } from "../server/command-line.ts";
import { Phone } from "./phone.ts";
import { Screen } from "./screen.ts";
import { DemoServer } from "./server.ts";

const PATIENCE_MS = 60_000;

const USAGE = `npm run demo
  two twins in this terminal, on a server of their own: they sign up, pair by a code and chat, and the server is killed`;

commandLine(USAGE, () => parseArgs());
const begun = performance.now();
const server = await DemoServer.create();
const screen = new Screen("Ada");
setTimeout(() => {
  console.error("The demo did not come to its end in a minute.");
  void server.remove().finally(() => process.exit(1));
}, PATIENCE_MS).unref();

try {
  await play();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await server.remove();
}
process.exit();

async function play(): Promise<void> {
  screen.title("A fresh server");
  screen.server(`ready after ${(await server.start()).toFixed(0)} ms, on an embedded PostgreSQL`);
  const [ada, bea] = [await Phone.signUp("Ada", server.url, screen), await Phone.signUp("Bea", server.url, screen)];

  screen.title("They find each other");
  const found = bea.hears("status", (status) => status === "live");
  const adasHere = ada.hears("status", (status) => status === "live");
  ada.app.connect();
  bea.app.connect();
  const { code } = await ada.app.api.newCode();
  screen.note("Ada", `reads a code aloud: ${code}`);
  await bea.app.redeem(code.toLowerCase().replace(/(.{4})/, "$1-"));
  await Promise.all([found, adasHere]);

  screen.title("They chat");
  ada.room.typing();
  await bea.hears("pair", ({ members }) => members.some(({ typing }) => typing));
  await ada.say("are you awake?");
  await bea.holds(1);
  await bea.say("I was just about to ask you that");
  await ada.holds(2);

  screen.title("Bea goes through a tunnel, and comes back");
  await bea.goAway();
  for (const text of ["I had a dream about the lake", "you were in it", "we were seven"]) await ada.say(text);
  await ada.holds(5);
  await bea.comeBack();
  await bea.holds(5);

  screen.title("The server is killed while both are writing");
  const sayings = ["the one with the red boat?", "yes!", "and the dog", "you remember the dog"].map((text, n) =>
    (n % 2 ? ada : bea).say(text),
  );
  await server.end("SIGKILL");
  screen.server("killed (-9)");
  sayings.push(ada.say("can you hear me?"), bea.say("hello?"));
  const killed = performance.now();
  const answers = Promise.all(sayings).then(() => performance.now() - killed);
  screen.server(`started again, ready after ${(await server.start()).toFixed(0)} ms`);
  screen.server(`everything is said ${(await answers).toFixed(0)} ms after the kill`);
  await Promise.all([ada.holds(11), bea.holds(11)]);
  await bea.say("I hear you");
  await Promise.all([ada.holds(12), bea.holds(12)]);

  screen.title("What is left");
  await compare(ada, bea);
  await Promise.all([ada.app.close(), bea.app.close()]);
}

/** Both phones and the server must hold the same, each message once, in one order. */
async function compare(ada: Phone, bea: Phone): Promise<void> {
  const { messages } = await ada.app.api.messages({ limit: 100 });
  const truth = messages.map(lineOf).join("\n");
  const seqs = messages.map(({ seq }) => seq);
  const isDense = seqs.every((seq, n) => seq === n + 1);
  const isSame = [ada, bea].every((phone) => phone.shown.map(lineOf).join("\n") === truth);
  screen.note("Ada", `sees her ticks: ${ada.ticks()}`);
  if (!isDense || !isSame) throw new Error(`Something was lost, doubled or reordered:\n${truth}`);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `\n${messages.length} messages on both phones and on the server: nothing lost, nothing doubled, one order. ${seconds} s.`,
  );
}

function lineOf(message: { readonly seq: number; readonly id: string; readonly text?: string | null }): string {
  return `${message.seq} ${message.id} ${message.text ?? ""}`;
}
