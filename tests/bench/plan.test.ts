import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { draw } from "../../bench/charts/drawing.ts";
import type { Costs as Grown } from "../../bench/growth.ts";
import { tell } from "../../bench/parts/growth.ts";
import { ASSUMED, type Assumptions } from "../../bench/plan/assumptions.ts";
import {
  type Costs,
  demandOf,
  type Resource,
  type ResourceName,
  resourcesOf,
  serversFor,
  stagesOf,
  stepPast,
} from "../../bench/plan/carrying.ts";
import { COST_NAMES, type CostName } from "../../bench/plan/costs.ts";
import { planChart, planText, STAGES, withPlan } from "../../bench/plan/markdown.ts";
import { refreshed, unitCosts } from "../../bench/plan/unit-costs.ts";
import { Report } from "../../bench/report.ts";
import type { Results } from "../../bench/results.ts";

const DOCS = join(import.meta.dirname, "../../docs");
const page = () => readFileSync(join(DOCS, "capacity.md"), "utf8");
const written: unknown = JSON.parse(readFileSync(join(DOCS, "unit-costs.json"), "utf8"));
const known = unitCosts.parse(written);

/** What decides of each resource, and of no other but those named. */
const DECIDES: Readonly<Record<CostName, readonly ResourceName[]>> = {
  nodeCpuMsASend: ["node CPU"],
  nodeCpuMsAPassedSend: ["node CPU"],
  nodeCpuMsAJoin: ["node CPU"],
  nodeCpuUsAnIdleConnection: ["node CPU"],
  nodeKiBAConnection: ["node memory"],
  nodeKiBARoom: ["node memory"],
  postgresCpuMsASend: ["PostgreSQL CPU"],
  postgresCpuMsAGatheredSend: [],
  postgresCpuMsAJoin: ["PostgreSQL CPU"],
  walBytesASend: ["PostgreSQL WAL"],
  diskBytesAMessage: ["PostgreSQL disk"],
  redisCommandsAJoin: ["Redis CPU"],
  redisCommandsASend: ["Redis CPU"],
  redisCpuUsACommand: ["Redis CPU"],
  redisBytesARoom: ["Redis memory"],
};

const times = (costs: Costs, names: readonly CostName[], factor: number): Costs => ({
  ...costs,
  ...Object.fromEntries(names.map((name) => [name, { value: costs[name].value * factor }])),
});

const carried = (costs: Costs, name: ResourceName, assumed: Assumptions = ASSUMED): number =>
  resourcesOf(costs, assumed).find((one) => one.name === name)?.carries ?? Number.NaN;

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual / expected - 1) < 1e-9, `${actual}, not ${expected}`);

describe("the capacity plan", () => {
  it("[CP8] docs/capacity.md says what the program computes from docs/unit-costs.json: `npm run plan` writes it again", () => {
    assert.equal(page(), withPlan(page(), planText(known, ASSUMED)));
    assert.equal(readFileSync(join(DOCS, "charts/capacity-plan.svg"), "utf8"), draw(planChart(known, ASSUMED)));
  });

  it("[CP8] another cost makes another page", () => {
    const dearer = { ...known, nodeCpuMsASend: { ...known.nodeCpuMsASend, value: 50 } };
    assert.notEqual(page(), withPlan(page(), planText(dearer, ASSUMED)));
    assert.throws(() => withPlan("a page without its marks", "a plan"));
  });

  it("[CP12] what costs twice as much is carried half as often", () => {
    for (const resource of [
      "node CPU",
      "node memory",
      "PostgreSQL CPU",
      "PostgreSQL WAL",
      "PostgreSQL disk",
    ] as const) {
      const decides = COST_NAMES.filter((name) => DECIDES[name].includes(resource));
      close(carried(times(known, decides, 2), resource), carried(known, resource) / 2);
    }
    close(carried(times(known, ["redisCpuUsACommand"], 2), "Redis CPU"), carried(known, "Redis CPU") / 2);
    close(carried(times(known, ["redisBytesARoom"], 2), "Redis memory"), carried(known, "Redis memory") / 2);
  });

  it("[CP12] a dearer cost never carries more, and touches what it is a cost of, with the connections of the nodes that takes", () => {
    for (const name of COST_NAMES) {
      const [before, after] = [resourcesOf(known, ASSUMED), resourcesOf(times(known, [name], 3), ASSUMED)];
      const changed = before.flatMap((one, n) => {
        const carries = after[n]?.carries ?? Number.NaN;
        assert.ok(carries <= one.carries, `${name}: ${one.name}`);
        return carries < one.carries ? [one.name] : [];
      });
      const rest = changed.filter((one) => one !== "PostgreSQL connections");
      assert.deepEqual(rest, DECIDES[name], name);
    }
  });

  it("[CP12] twice the messages, joins and rooms of a pair are half the pairs", () => {
    const { use, machines } = ASSUMED;
    const busier = {
      messagesADay: use.messagesADay * 2,
      joinsADay: use.joinsADay * 2,
      activeAtPeak: use.activeAtPeak * 2,
    };
    const assumed = { machines, use: { ...use, ...busier } };
    for (const { name, carries } of resourcesOf(known, ASSUMED)) close(carried(known, name, assumed), carries / 2);
  });

  it("[CP12] with a quarter left alone instead of half, everything carries half as much again", () => {
    const assumed = { ...ASSUMED, machines: { ...ASSUMED.machines, headroom: 0.25 } };
    for (const { name, carries } of resourcesOf(known, ASSUMED)) close(carried(known, name, assumed), carries * 1.5);
  });

  it("[CP12] a million pairs of 50 messages a day, at four times the mean, send 2,315 times a second", () => {
    const { sendsPerSecond, rooms, connections } = demandOf(1_000_000, ASSUMED);
    assert.deepEqual([Math.round(sendsPerSecond), rooms, connections], [2315, 100_000, 200_000]);
  });

  it("[CP12] what costs nothing never runs out", () => {
    assert.equal(carried(times(known, ["redisBytesARoom"], 0), "Redis memory"), Number.POSITIVE_INFINITY);
    assert.doesNotThrow(() => planText({ ...known, redisBytesARoom: { ...known.redisBytesARoom, value: 0 } }, ASSUMED));
  });
});

describe("what gives first", () => {
  const resource = (name: ResourceName, carries: number): Resource => {
    const server = name.startsWith("node") ? "node" : name.startsWith("Redis") ? "Redis" : "PostgreSQL";
    return { name, server, unit: "", each: 1 / carries, has: 1, carries };
  };

  it("[CP10] is what has least beyond the stage before, which had enough of everything; the same cost more often gives sooner", () => {
    const resources = [resource("node CPU", 40_000), resource("PostgreSQL CPU", 150_000), resource("Redis CPU", 9e9)];
    const stages = stagesOf(resources, [10_000, 100_000, 1_000_000]);
    assert.deepEqual(
      stages.map(({ first, exceeded }) => [first?.name, exceeded.map(({ name }) => name)]),
      [
        [undefined, []],
        ["node CPU", ["node CPU"]],
        // Three nodes carry 120,000 pairs, and one PostgreSQL 150,000.
        ["node CPU", ["node CPU", "PostgreSQL CPU"]],
      ],
    );
    const [, , last] = stagesOf([resource("node CPU", 40_000), resource("PostgreSQL CPU", 110_000)], [1e4, 1e5, 1e6]);
    assert.equal(last?.first?.name, "PostgreSQL CPU");
  });

  it("[CP10] what more nodes bring along is not counted twice", () => {
    const [stage] = stagesOf([resource("node memory", 400), resource("node CPU", 40)], [1000]);
    assert.deepEqual(
      stage?.exceeded.map(({ name }) => name),
      ["node CPU"],
    );
  });

  it("[CP10] the steps are more nodes, a bigger primary with a replica, then shards; slow disks; a pooler; Redis Cluster", () => {
    const step = (name: ResourceName, pairs: number) => stepPast(resource(name, 100), pairs, ASSUMED);
    assert.equal(step("node CPU", 250), "3 nodes");
    assert.equal(step("PostgreSQL CPU", 250), "a primary of 48 cores, reading on a replica");
    assert.equal(step("PostgreSQL CPU", 900), "3 shards of pairs, each of 64 cores");
    assert.match(step("PostgreSQL disk", 250), /old months on slow disks, or 3 shards/);
    assert.match(step("PostgreSQL connections", 250), /PgBouncer/);
    assert.equal(step("Redis CPU", 250), "Redis Cluster of 3");
    assert.deepEqual(
      [100, 101].map((pairs) => serversFor(resource("node CPU", 100), pairs)),
      [1, 2],
    );
  });

  it("[CP10] every stage from ten thousand to ten million pairs is answered", () => {
    assert.deepEqual(STAGES, [10_000, 100_000, 1_000_000, 10_000_000]);
    for (const pairs of ["10,000", "100,000", "1,000,000", "10,000,000"])
      assert.match(page(), new RegExp(`\\| ${pairs} \\|`));
  });
});

describe("unit costs", () => {
  const found = (startedAt: string, load: number, costs: Partial<Record<CostName, number>>): Results => ({
    machine: { cpu: "some", cores: 2, memoryGiB: 24, system: "Linux" },
    versions: {},
    command: "npm run bench -- rooms",
    parts: [
      {
        ...{ name: "rooms", measures: "rooms", startedAt, seconds: 1, loadBefore: [load], loadAfter: [load] },
        ...{ figures: [], charts: [], costs, raw: [] },
      },
    ],
  });

  it("[CP11] each says in what it is, what measured it and when; one that is missing, unknown or in another unit is refused", () => {
    assert.deepEqual(Object.keys(known).toSorted(), COST_NAMES.toSorted());
    const { nodeKiBARoom, ...others } = known;
    assert.throws(() => unitCosts.parse(others), /nodeKiBARoom was not measured/);
    assert.throws(() => unitCosts.parse({ ...known, more: nodeKiBARoom }), /a cost that the plan knows/);
    assert.throws(
      () => unitCosts.parse({ ...known, nodeKiBARoom: { ...nodeKiBARoom, unit: "MB" } }),
      /is in MB, not in KiB/,
    );
  });

  it("[CP11] results replace what they measured and nothing else, the latest last, with a note if the machine was busy", () => {
    const newer = found("2026-12-02T00:00:00.000Z", 9, { nodeKiBARoom: 12.3456 });
    const older = found("2026-12-01T00:00:00.000Z", 0, { nodeKiBARoom: 99, nodeKiBAConnection: 3 });
    const costs = refreshed(known, [newer, older]);
    const source = "npm run bench -- rooms";
    assert.deepEqual(costs, {
      ...known,
      nodeKiBARoom: {
        ...{ value: 12.3, unit: "KiB", source, date: "2026-12-02" },
        note: "the machine's load was 9 on 2 cores",
      },
      nodeKiBAConnection: { value: 3, unit: "KiB", source, date: "2026-12-01" },
    });
  });
});

describe("growth", () => {
  const grown = (size: number, send: number): Grown => ({
    ...{ size, sendNodeCpuMs: send, sendPostgresCpuMs: 1, joinNodeCpuMs: 8 },
    ...{ joinPostgresCpuMs: 3, idleConnectionUs: 0 },
  });

  const exponents = (...measured: Grown[]) => {
    const report = new Report(() => undefined);
    tell(report, "rooms", measured);
    return report.found.figures.filter(({ asked }) => asked !== undefined);
  };

  it("[CP7] what all together grows worse than linear is missed, and what cannot be measured is not judged", () => {
    const figures = exponents(grown(100, 1), grown(1000, 10), grown(10_000, 100));
    assert.deepEqual(
      figures.map(({ value, isMet }) => [Math.round((value ?? Number.NaN) * 100) / 100, isMet]),
      [
        [1, false],
        [0, true],
        [0, true],
        [0, true],
      ],
    );
    assert.match(figures[0]?.name ?? "", /± 0\.00/);
  });
});
