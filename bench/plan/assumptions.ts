/** How twins are taken to use this, each with the reason; nothing here is measured. */
export interface Use {
  readonly messagesADay: number;
  readonly joinsADay: number;
  readonly peakToMean: number;
  readonly activeAtPeak: number;
  readonly connectionsAPair: number;
  readonly keptDays: number;
}

/** What one of each is, and how much of it is left alone. */
export interface Machines {
  /** A process has one thread for what it decides. */
  readonly nodeCores: number;
  readonly nodeMiB: number;
  readonly connectionsANode: number;
  readonly postgresCores: number;
  /** The biggest that hosts offer without asking. */
  readonly mostPostgresCores: number;
  readonly walMBPerSecond: number;
  readonly diskTB: number;
  readonly postgresConnections: number;
  /** It has one thread as well. */
  readonly redisCores: number;
  readonly redisGiB: number;
  /** A share of each, for what was not thought of. */
  readonly headroom: number;
}

export interface Assumptions {
  readonly use: Use;
  readonly machines: Machines;
}

export const ASSUMED: Assumptions = {
  use: {
    messagesADay: 50,
    joinsADay: 20,
    peakToMean: 4,
    activeAtPeak: 0.1,
    connectionsAPair: 2,
    keptDays: 365,
  },
  machines: {
    nodeCores: 1,
    nodeMiB: 2048,
    connectionsANode: 20,
    postgresCores: 16,
    mostPostgresCores: 64,
    walMBPerSecond: 100,
    diskTB: 16,
    postgresConnections: 500,
    redisCores: 1,
    redisGiB: 4,
    headroom: 0.5,
  },
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** In words, for the page. */
export const wordsOf = ({ use, machines }: Assumptions): readonly (readonly [what: string, value: string])[] => [
  ["messages a pair a day", String(use.messagesADay)],
  ["joins a pair a day: both of them open the app, and lines break", String(use.joinsADay)],
  ["the busiest minute beside the mean one", `${use.peakToMean} times`],
  ["pairs whose room is alive in that minute", percent(use.activeAtPeak)],
  ["connections of such a pair", String(use.connectionsAPair)],
  ["days whose messages stay on quick disks", String(use.keptDays)],
  ["left alone of every core, memory and disk", percent(machines.headroom)],
  ["sends that arrive at another node than the room's", "all: an upper bound"],
  ["messages that share a commit", "few: an upper bound"],
];
