import {
  type Connect,
  colyseusRooms,
  Http,
  NoAnswer,
  type Platform,
  type RoomSocket,
  thisDevice,
} from "../client/index.ts";
import { ownPlace } from "./own-place.ts";

/** As if the line had broken. */
const ABNORMAL = 1006;

/** A phone's network, which can be pulled: then nothing leaves, nothing arrives, and no line is told why. */
export class Plug {
  readonly platform: Platform;
  readonly connect: Connect;
  readonly #sockets = new Set<RoomSocket>();
  #isIn = true;

  constructor(url: string) {
    this.platform = {
      ...thisDevice,
      fetch: (address, init) => this.#through(() => thisDevice.fetch(ownPlace(address), init)),
    };
    const rooms = colyseusRooms({ url, http: new Http(url, this.platform), platform: this.platform });
    this.connect = async (name, options, token, listener) => {
      const socket = await this.#through(() => rooms(name, options, token, listener));
      this.#sockets.add(socket);
      return socket;
    };
  }

  get isIn(): boolean {
    return this.#isIn;
  }

  pull(): void {
    this.#isIn = false;
    for (const socket of this.#sockets) socket.close(ABNORMAL);
    this.#sockets.clear();
  }

  push(): void {
    this.#isIn = true;
  }

  /** What was on its way when the plug was pulled does not arrive either. */
  async #through<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#isIn) throw new NoAnswer("The plug is pulled");
    const answer = await work();
    if (!this.#isIn) throw new NoAnswer("The plug was pulled");
    return answer;
  }
}
