import { randomUUID } from "node:crypto";
import type { Entrance, PairedUp, SignedUp } from "../tests/support/entrance.ts";
import { MediaPhone } from "../tests/support/media-phone.ts";
import { picture } from "../tests/support/pictures.ts";
import type { Random } from "../tests/support/random.ts";

/** How calls over HTTP ended: by status, or "unanswered". */
export class Answers {
  readonly counts = new Map<string, number>();

  count(ended: string): void {
    this.counts.set(ended, (this.counts.get(ended) ?? 0) + 1);
  }
}

const PASSWORD = "Correct-horse-1";

type Call = readonly [method: string, path: string, body?: object];

const photo = picture(320, 240).jpeg().toBuffer();

/** What an app asks for beside its socket. */
export class Errands {
  readonly #entrance: Entrance;
  readonly #answers: Answers;
  readonly #random: Random;

  constructor(entrance: Entrance, answers: Answers, random: Random) {
    this.#entrance = entrance;
    this.#answers = answers;
    this.#random = random;
  }

  /** One, of one of the two. What it is refused, or not answered, is counted and no harm: an app asks again some day. */
  async run({ ada, bea }: PairedUp): Promise<void> {
    const who = this.#random.percent(50) ? ada : bea;
    if (this.#random.below(UPLOAD_ONE_IN) === 0) return this.#upload(who);
    if (this.#random.below(RENEW_ONE_IN) === 0) return void (await this.renew(who).catch(() => undefined));
    await this.ask(who, this.#call()).catch(() => undefined);
  }

  async ask({ accessToken }: SignedUp, [method, path, body]: Call) {
    try {
      const answer = await this.#entrance.call(method, `/api/v1${path}`, accessToken, body);
      this.#answers.count(String(answer.status));
      return answer;
    } catch (error) {
      this.#answers.count("unanswered");
      throw error;
    }
  }

  /** New tokens for old ones; signs in anew if that does not do. Throws if neither does. */
  async renew(who: SignedUp): Promise<void> {
    const refreshed = await this.ask(who, ["POST", "/auth/refresh", { refreshToken: who.refreshToken }]);
    if (refreshed.status !== 200) return this.signIn(who);
    Object.assign(who, tokensOf(refreshed.body));
  }

  async signIn(who: SignedUp): Promise<void> {
    const { email } = who;
    const { status, body } = await this.ask(who, ["POST", "/auth/login", { email, password: PASSWORD }]);
    if (status !== 200) throw new Error(`signing in was answered ${status} ${JSON.stringify(body)}`);
    Object.assign(who, tokensOf(body));
  }

  #call(): Call {
    const key = randomUUID();
    return this.#random.pick<Call>([
      ["GET", "/users/profile"],
      ["GET", "/twins"],
      ["GET", "/messages?limit=50"],
      ["GET", "/messages?limit=20&page=2"],
      ["GET", "/messages/search?q=edited"],
      ["GET", "/twintuition/stats"],
      ["GET", "/twintuition/moments?limit=20"],
      ["POST", "/messages", { clientMessageId: key, type: "text", text: "by the other door" }],
      ["POST", "/twintuition/press", { key }],
      ["POST", "/twintuition/alerts", { key, kind: "thinking_of_you" }],
      ["PATCH", "/users/profile", { name: `Twin ${this.#random.below(1000)}` }],
    ]);
  }

  async #upload(who: SignedUp): Promise<void> {
    const file = new Uint8Array(await photo);
    try {
      const phone = new MediaPhone(this.#entrance, who);
      const announced = await phone.announce("chat", "image/jpeg", file);
      const { pathname, search } = new URL(announced.upload.url);
      const upload = { ...announced.upload, url: `${this.#entrance.url}${pathname}${search}` };
      await phone.send({ upload }, file);
      const { id: mediaId } = announced.media;
      await this.ask(who, ["POST", `/media/${mediaId}/complete`]);
      await this.ask(who, ["POST", "/messages", { clientMessageId: randomUUID(), type: "image", mediaId }]);
    } catch {
      this.#answers.count("unanswered");
    }
  }
}

const UPLOAD_ONE_IN = 60;
const RENEW_ONE_IN = 40;

function tokensOf(body: { tokens: { accessToken: string; refreshToken: string } }) {
  const { accessToken, refreshToken } = body.tokens;
  return { accessToken, refreshToken };
}
