import type { Person } from "../domain/ports.ts";
import { agreedBy } from "../domain/room/agreed.ts";
import type { Agreed } from "../domain/room/feature.ts";
import { type Marks, noMarks, withDelivered, withRead } from "../domain/room/marks.ts";
import type { Eyes } from "../domain/room/message.ts";
import type { Twintuition } from "../domain/room/twintuition-history.ts";
import { Member, type PairState } from "../schema/state/pair-state.ts";
import type { PairId, UserId } from "../schema/wire/ids.ts";
import type { Device } from "./device.ts";
import type { KnownMarks } from "./marks-keeper.ts";
import { MomentsShown } from "./moments-shown.ts";
import { Presence } from "./presence.ts";
import { isoOrNull, isSameProgress, showProgress } from "./progress.ts";

/** Stored at most this often a person. */
const SEEN_APART_MS = 60_000;

export interface MembersDeps {
  readonly pairId: PairId;
  readonly state: PairState;
  readonly now: () => number;
  /** Something in the state changed. */
  readonly patch: () => void;
  readonly remember: (marks: KnownMarks) => void;
  readonly seen: (userId: UserId, at: number) => void;
}

interface Standing {
  person: Person;
  readonly presence: Presence;
  marks: Marks;
  storedSeenAt: number;
}

/** The two of the room: who they are, how they are, how far they have read; and what of it shows in the state. */
export class Members {
  readonly #deps: MembersDeps;
  readonly #standings = new Map<UserId, Standing>();
  readonly #moments: MomentsShown;

  /** `isUnknown`: whoever served the pair before died, and nobody can tell who is there. */
  constructor(deps: MembersDeps, people: readonly Person[], marksOf: (userId: UserId) => Marks, isUnknown: boolean) {
    this.#deps = deps;
    this.#moments = new MomentsShown({ ...deps, state: deps.state.twintuition, zones: () => this.agreed.zones });
    for (const person of people) this.#add(person, marksOf(person.userId), isUnknown);
  }

  get userIds(): UserId[] {
    return [...this.#standings.keys()];
  }

  presenceOf(userId: UserId): Presence {
    return this.#of(userId).presence;
  }

  marksOf(userId: UserId): Marks {
    return this.#of(userId).marks;
  }

  /** Whether they have a phone that could ring. */
  canRing(userId: UserId): boolean {
    return this.#of(userId).person.canRing;
  }

  /** What their settings come to. */
  get agreed(): Agreed {
    return agreedBy([...this.#standings.values()].map(({ person }) => person));
  }

  showMoments(twintuition: Twintuition): void {
    this.#moments.show(twintuition);
  }

  /** Name, colour, picture or privacy changed, or what rings. Answers with those whose assessment went on. */
  update(people: readonly Person[]): readonly Person[] {
    const wentOn = people.filter((person) => {
      const standing = this.#standings.get(person.userId);
      if (!standing) return false;
      const before = standing.person.assessment;
      standing.person = person;
      this.#show(standing);
      return !isSameProgress(before, person.assessment);
    });
    this.#moments.refresh();
    return wentOn;
  }

  /** Moves a watermark; tells whether it moved. Never back, never beyond `lastSeq`. */
  mark(userId: UserId, what: "delivered" | "read", upTo: number, lastSeq: number): boolean {
    const standing = this.#of(userId);
    const { marks, person } = standing;
    const moved =
      what === "delivered"
        ? withDelivered(marks, upTo, lastSeq)
        : withRead(marks, upTo, lastSeq, person.sendsReadReceipts);
    if (moved === marks) return false;
    standing.marks = moved;
    this.#deps.remember({ pairId: this.#deps.pairId, userId, ...moved });
    this.#show(standing);
    return true;
  }

  eyesOf(reader: UserId): Eyes {
    return {
      reader,
      personOf: (userId) => this.#standings.get(userId)?.person ?? { name: "", accentColor: "" },
      marksOfTwinOf: (senderId) => {
        const twin = this.userIds.find((userId) => userId !== senderId);
        return twin ? this.marksOf(twin) : noMarks;
      },
    };
  }

  arrive(device: Device): void {
    this.presenceOf(device.userId).arrive(device);
  }

  leave(device: Device): void {
    this.#standings.get(device.userId)?.presence.leave(device);
  }

  stop(): void {
    this.#moments.stop();
    for (const { presence } of this.#standings.values()) presence.stop();
  }

  #add(person: Person, marks: Marks, isUnknown: boolean): void {
    const { userId, lastSeen } = person;
    const changed = () => this.#show(this.#of(userId));
    const seen = (at: number, isFinal: boolean) => this.#seen(userId, at, isFinal);
    const presence = new Presence({ now: this.#deps.now, changed, seen }, lastSeen, isUnknown);
    const standing: Standing = { person, presence, marks, storedSeenAt: Number.NEGATIVE_INFINITY };
    this.#standings.set(userId, standing);
    this.#deps.state.members.set(userId, newMember(userId));
    this.#show(standing);
  }

  #of(userId: UserId): Standing {
    const standing = this.#standings.get(userId);
    if (!standing) throw new Error("Only the two of a pair are in its room");
    return standing;
  }

  #show({ person, presence, marks }: Standing): void {
    const member = this.#deps.state.members.get(person.userId);
    if (!member) return;
    member.name = person.name;
    member.accentColor = person.accentColor;
    member.avatar = person.avatar ?? undefined;
    member.status = presence.status;
    member.lastSeen = person.showsLastSeen ? (isoOrNull(presence.lastSeen) ?? undefined) : undefined;
    member.devices = presence.devices;
    member.typing = presence.typing !== undefined;
    member.typingKind = presence.typing ?? "text";
    member.deliveredSeq = marks.deliveredSeq;
    member.readSeq = marks.shownReadSeq;
    showProgress(member.assessment, person.assessment);
    this.#deps.patch();
  }

  /** Once they are gone it is stored in any case: that is the time their twin will see. */
  #seen(userId: UserId, at: number, isFinal: boolean): void {
    const standing = this.#standings.get(userId);
    if (!standing || standing.storedSeenAt === at) return;
    if (!isFinal && at - standing.storedSeenAt < SEEN_APART_MS) return;
    standing.storedSeenAt = at;
    this.#deps.seen(userId, at);
  }
}

function newMember(userId: UserId): Member {
  const member = new Member();
  member.userId = userId;
  return member;
}
