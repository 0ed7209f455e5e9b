import { Twinship } from "../../../client/index.ts";
import { memoryStorage } from "../../../client/storage/memory.ts";
import type { Storage } from "../../../client/storage/port.ts";
import { FakePlatform, settled } from "./fake-platform.ts";
import { FakeRooms, type FakeSocket } from "./fake-room.ts";
import { FakeServer } from "./fake-server.ts";
import { ada, bea, PAIR } from "./messages.ts";

/** One phone of Ada's, with a server and a clock that do what the test says. */
export class World {
  readonly platform = new FakePlatform();
  readonly server = new FakeServer();
  readonly rooms = new FakeRooms();
  readonly storage: Storage;
  readonly told: string[] = [];
  readonly reported: unknown[] = [];
  #twinship: Twinship | undefined;

  private constructor(storage: Storage) {
    this.storage = storage;
    this.platform.answer = this.server.answer;
  }

  static async open(storage: Storage = memoryStorage()): Promise<World> {
    const world = new World(storage);
    const { platform, rooms } = world;
    const twinship = await Twinship.open({
      url: "http://server",
      storage,
      platform,
      connect: rooms.connect,
      report: (error) => world.reported.push(error),
    });
    world.#twinship = twinship;
    world.#listen(twinship);
    return world;
  }

  /** Signed in, connected, and nothing said yet. */
  static async live(storage?: Storage): Promise<{ world: World; socket: FakeSocket }> {
    const world = await World.open(storage);
    if (!world.twinship.account) await world.twinship.login("ada@example.org", "Correct-horse-1");
    world.twinship.connect();
    await settled();
    return { world, socket: world.rooms.last };
  }

  /** Connected, and shown an empty room. */
  static async opened(storage?: Storage): Promise<{ world: World; socket: FakeSocket }> {
    const { world, socket } = await World.live(storage);
    socket.show(stateOf());
    socket.window([]);
    await settled();
    return { world, socket };
  }

  get twinship(): Twinship {
    if (!this.#twinship) throw new Error("The world is open");
    return this.#twinship;
  }

  get room() {
    const { room } = this.twinship;
    if (!room) throw new Error("Somebody is signed in");
    return room;
  }

  #listen({ chat, events, sessionEvents }: Twinship): void {
    sessionEvents.on("signedOut", ({ why }) => this.told.push(`signed out ${why}`));
    chat.on("window", ({ messages }) => this.told.push(`window ${messages.map(({ seq }) => seq).join()}`));
    chat.on("message", ({ seq, version }) => this.told.push(`message ${seq}@${version}`));
    chat.on("changed", ({ seq, version }) => this.told.push(`changed ${seq}@${version}`));
    chat.on("done", ({ command }) => this.told.push(`done ${command.name}`));
    chat.on("refused", ({ command, refusal }) => this.told.push(`refused ${command.name} ${refusal.code}`));
    chat.on("receipt", ({ deliveredSeq, readSeq }) => this.told.push(`receipt ${deliveredSeq} ${readSeq}`));
    chat.on("closed", ({ reason }) => this.told.push(`closed ${reason}`));
    events.on("paired", ({ pairId }) => this.told.push(`paired ${pairId.slice(-4)}`));
    events.on("unpaired", ({ why }) => this.told.push(`unpaired ${why}`));
    events.on("stopped", ({ why }) => this.told.push(`stopped ${why}`));
  }
}

export const stateOf = (more: object = {}) => ({
  pairId: PAIR,
  version: 0,
  firstSeq: 1,
  lastSeq: 0,
  unpaired: false,
  members: {
    [ada]: { userId: ada, name: "Ada", accentColor: "neon-blue", status: "online", deliveredSeq: 0, readSeq: 0 },
    [bea]: { userId: bea, name: "Bea", accentColor: "neon-red", status: "away", deliveredSeq: 0, readSeq: 0 },
  },
  ...more,
});
