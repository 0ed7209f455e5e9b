/**
 * What a good team would write without us, in an afternoon: Express, Socket.IO with its Redis adapter, and one INSERT for
 * each message, acknowledged after its commit. No sequence, no resuming, no "once", no search, no push: what every one of
 * those costs is what the ratios of docs/capacity.md compare.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import express from "express";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import pg from "pg";
import { Server } from "socket.io";
import { z } from "zod";

const { DATABASE_URL, REDIS_URL, SECRET } = z
  .object({ DATABASE_URL: z.string(), REDIS_URL: z.string(), SECRET: z.string() })
  .parse(process.env);

const Claims = z.object({ sub: z.uuid(), pair: z.uuid() });
const Send = z.strictObject({ text: z.string().trim().min(1).max(2000) });

const TABLE = `
  create table if not exists messages (
    id uuid primary key,
    pair_id uuid not null,
    sender_id uuid not null,
    text text not null,
    sent_at timestamptz not null
  );
  create index if not exists messages_of_pair on messages (pair_id, sent_at)`;

const INSERT = "insert into messages (id, pair_id, sender_id, text, sent_at) values ($1, $2, $3, $4, $5)";

const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
pool.on("error", (error) => console.error(error.message));
await pool.query(TABLE);

const app = express();
app.disable("x-powered-by");
app.get("/ready", (_request, response) => void response.json({ status: "ok" }));
const http = createServer(app);
const redis = new Redis(REDIS_URL);
const io = new Server(http, {
  adapter: createAdapter(redis, redis.duplicate()),
  transports: ["websocket"],
  maxHttpBufferSize: 32_768,
});

io.use((socket, next) => {
  try {
    socket.data = Claims.parse(jwt.verify(String(socket.handshake.auth["token"]), SECRET, { algorithms: ["HS256"] }));
    next();
  } catch {
    next(new Error("UNAUTHENTICATED"));
  }
});

io.on("connection", (socket) => {
  const { sub, pair } = Claims.parse(socket.data);
  void socket.join(pair);
  socket.on("send", async (input: unknown, acknowledge: (answer: object) => void) => {
    try {
      const { text } = Send.parse(input);
      const message = { id: newId(), senderId: sub, text, sentAt: new Date() };
      await pool.query(INSERT, [message.id, pair, sub, text, message.sentAt]);
      socket.to(pair).emit("message", message);
      acknowledge({ id: message.id, sentAt: message.sentAt });
    } catch (error) {
      acknowledge({ error: error instanceof z.ZodError ? "VALIDATION_ERROR" : "INTERNAL_SERVER_ERROR" });
    }
  });
});

/** UUIDv7 of RFC 9562: rising, so that its index is written at one end. */
function newId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  if (address !== null && typeof address === "object") process.send?.({ port: address.port });
});
process.on("disconnect", () => process.exit());
