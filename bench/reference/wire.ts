import { decode, encode, type Iterator } from "@colyseus/schema";
import { Packr } from "msgpackr";
import { WebSocket } from "ws";
import { DATA, LeanPhone, nameOf } from "../cluster-phone.ts";

/** A phone that is in its pair's room: as little of one as can talk and listen, so that the load costs less than what it loads. */
export interface Wire {
  /** Says something; `answered` hears whether it was acknowledged. */
  say(text: string, answered: (isAcknowledged: boolean) => void): void;
  /** Messages it was told of so far: those of others. */
  readonly heard: number;
  close(): void;
}

export type Connect = (port: number, token: string, deviceId: string) => Promise<Wire>;

/** What a phone asks for, and how it is answered; and that it was done. */
const REQUEST = 21;
const RESPONSE = 22;
const OK = 0;

/** Ours, in the frames of the stock SDK. */
export const twinshipWire: Connect = async (port, token, deviceId) => {
  const phone = new LeanPhone({ port, token, deviceId });
  await phone.come();
  const { socket } = phone;
  const packr = new Packr({ useRecords: false });
  const waiting = new Map<number, (isAcknowledged: boolean) => void>();
  let [asked, heard] = [0, 0];
  socket.on("message", (frame: Buffer) => {
    if (frame[0] === DATA) heard += nameOf(frame) === "chat.message" ? 1 : 0;
    if (frame[0] !== RESPONSE) return;
    const it: Iterator = { offset: 1 };
    const id = decode.number(frame, it);
    const answered = waiting.get(id);
    waiting.delete(id);
    answered?.(frame[it.offset] === OK);
  });
  const head = Buffer.alloc(64);
  return {
    say(text, answered) {
      asked += 1;
      waiting.set(asked, answered);
      const it: Iterator = { offset: 1 };
      head[0] = REQUEST;
      encode.number(head, asked, it);
      encode.string(head, "chat.send", it);
      const key = `${deviceId}-${asked}`;
      socket.send(Buffer.concat([head.subarray(0, it.offset), packr.pack({ key, type: "text", text })]));
    },
    get heard() {
      return heard;
    },
    close: () => socket.terminate(),
  };
};

/** Socket.IO's, as its protocol (version 5, over version 4 of Engine.IO) writes them on a WebSocket. */
export const referenceWire: Connect = async (port, token) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const waiting = new Map<number, (isAcknowledged: boolean) => void>();
  let [asked, heard] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (frame: Buffer) => {
      const said = frame.toString();
      if (said === "2") socket.send("3");
      else if (said.startsWith("0")) socket.send(`40${JSON.stringify({ token })}`);
      else if (said.startsWith("40")) resolve();
      else if (said.startsWith("44")) reject(new Error(said));
      else if (said.startsWith('42["message"')) heard += 1;
      else if (said.startsWith("43")) {
        const id = Number.parseInt(said.slice(2), 10);
        const answered = waiting.get(id);
        waiting.delete(id);
        answered?.(!said.includes('"error"'));
      }
    });
  });
  return {
    say(text, answered) {
      asked += 1;
      waiting.set(asked, answered);
      socket.send(`42${asked}["send",${JSON.stringify({ text })}]`);
    },
    get heard() {
      return heard;
    },
    close: () => socket.terminate(),
  };
};
