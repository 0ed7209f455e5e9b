import { z } from "zod";
import type { Results } from "../results.ts";
import { COST_NAMES, COSTS, type CostName, isCost } from "./costs.ts";

const unitCost = z.object({
  value: z.number().nonnegative(),
  unit: z.string(),
  /** The command that measured it. */
  source: z.string(),
  date: z.iso.date(),
  /** What to know before trusting it. */
  note: z.string().exactOptional(),
});

type UnitCost = z.infer<typeof unitCost>;

/** docs/unit-costs.json: each cost that the plan knows, and no other. */
export const unitCosts = z
  .record(z.string().refine(isCost, "a cost that the plan knows"), unitCost)
  .superRefine((costs, context) => {
    for (const name of COST_NAMES) {
      const { unit } = COSTS[name];
      const found = costs[name];
      if (!found) context.addIssue(`${name} was not measured`);
      else if (found.unit !== unit) context.addIssue(`${name} is in ${found.unit}, not in ${unit}`);
    }
  });

export type UnitCosts = Readonly<Record<CostName, UnitCost>>;

/** What the results tell, the later over the earlier, over what was known before. */
export function refreshed(known: UnitCosts, found: readonly Results[]): UnitCosts {
  const parts = found
    .flatMap(({ parts, machine: { cores } }) => parts.map((part) => ({ ...part, cores })))
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const told = parts.flatMap(({ costs, name: part, startedAt, loadBefore: [load = 0], cores }) =>
    namesOf(costs).map((name): [CostName, UnitCost] => {
      const note = load > cores ? { note: `the machine's load was ${load.toFixed(0)} on ${cores} cores` } : {};
      const [source, date] = [`npm run bench -- ${part}`, startedAt.slice(0, 10)];
      return [name, { value: digits(costs[name] ?? 0), unit: COSTS[name].unit, source, date, ...note }];
    }),
  );
  return { ...known, ...Object.fromEntries(told) };
}

const namesOf = (costs: object): CostName[] => Object.keys(costs).filter(isCost);

/** More than three digits of a measured cost mean nothing. */
const digits = (value: number): number => Math.max(0, Number(value.toPrecision(3)));
