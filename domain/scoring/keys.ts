import {
  Category,
  type Composite,
  HIGHEST,
  type ItemId,
  itemIdsOf,
  LOWEST,
  type Prefix,
} from "../../schema/wire/assessments.ts";

/** The bank whose keys these are. Its texts may be put better or in another language; its keys never change. */
export const BANK_VERSION = "1.0.0";

/** What the arithmetic has to know of an item. */
export interface Item {
  readonly id: ItemId;
  readonly category: Category;
  /** Worded against its category: agreeing lowers the subscale. */
  readonly reversed: boolean;
  readonly weight: number;
}

/** One of the numbers 1 to 10 that an item has in its category. */
type Numbers = readonly number[];

interface Key {
  readonly prefix: Prefix;
  readonly reversed: Numbers;
}

const KEYS: Readonly<Record<Category, Key>> = {
  identity_fusion: { prefix: "IF", reversed: [3, 7] },
  autonomy: { prefix: "AU", reversed: [2, 5, 7, 9] },
  boundaries: { prefix: "BO", reversed: [2, 4, 6, 8, 10] },
  communication: { prefix: "CO", reversed: [3, 5, 7, 9] },
  codependency: { prefix: "CD", reversed: [] },
  differentiation: { prefix: "DI", reversed: [3, 6, 8, 10] },
  attachment: { prefix: "AT", reversed: [2, 4, 6, 8, 10] },
  conflict_resolution: { prefix: "CR", reversed: [2, 4, 6, 8, 10] },
  partner_inclusion: { prefix: "PI", reversed: [2, 4, 6, 8, 10] },
  power_dynamics: { prefix: "PD", reversed: [2, 4, 6, 8, 10] },
  openness: { prefix: "OP", reversed: [3, 6, 9] },
  conscientiousness: { prefix: "CN", reversed: [3, 6, 9] },
  extraversion: { prefix: "EX", reversed: [3, 6, 9] },
  agreeableness: { prefix: "AG", reversed: [3, 6, 9] },
  neuroticism: { prefix: "NE", reversed: [2, 4, 6, 8, 10] },
};

const itemsOf = (category: Category): readonly Item[] => {
  const { prefix, reversed } = KEYS[category];
  return itemIdsOf(prefix).map((id, at) => ({ id, category, reversed: reversed.includes(at + 1), weight: 1 }));
};

/** All 150, in the order in which they are shown. */
export const ITEMS: readonly Item[] = Category.options.flatMap(itemsOf);

const COMPOSITE_KEYS: Readonly<Record<Composite, Readonly<Partial<Record<Prefix, Numbers>>>>> = {
  CI: {
    IF: [1, 2, 4, 5, 6, 8, 9, 10],
    AU: [2, 5, 7, 9],
    BO: [2, 4, 6, 8, 10],
    CO: [5],
    CD: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    DI: [3, 6, 8, 10],
    AT: [4, 6, 8, 10],
    PI: [4, 10],
    PD: [4, 6, 8, 10],
  },
  ARI: {
    IF: [3, 7],
    AU: [1, 3, 4, 6, 8, 10],
    BO: [1, 3, 5, 7, 9],
    CO: [1, 4, 6, 8, 10],
    DI: [1, 2, 4, 5, 7, 9],
    AT: [3, 5, 7, 9],
    CR: [1, 3, 5, 7, 9],
    PI: [1, 3, 5, 7, 9],
    PD: [1, 3, 5, 7, 9],
    NE: [2, 4, 6, 8, 10],
  },
  TRS: {
    IF: [5, 9],
    BO: [4, 10],
    CO: [3, 5, 7, 9],
    CD: [9],
    DI: [6],
    AT: [2, 6, 8],
    CR: [2, 4, 6, 8, 10],
    PI: [2, 4, 6, 8, 10],
    PD: [2, 4, 6, 8, 10],
    OP: [3],
    AG: [3, 6, 9],
    NE: [1, 3, 5, 7, 9],
  },
};

const compositeItems = (composite: Composite): readonly Item[] => {
  const keys = COMPOSITE_KEYS[composite];
  const isIn = (prefix: Prefix, at: number) => keys[prefix]?.includes(at + 1) ?? false;
  return Category.options.flatMap((category) =>
    itemsOf(category)
      .filter((_, at) => isIn(KEYS[category].prefix, at))
      .map((item) => ({ ...item, reversed: false })),
  );
};

/** The items of each composite. They are worded in its direction already, so none of them is reversed here. */
export const COMPOSITES: Readonly<Record<Composite, readonly Item[]>> = {
  CI: compositeItems("CI"),
  ARI: compositeItems("ARI"),
  TRS: compositeItems("TRS"),
};

/** An answer turned round; doing it twice changes nothing. */
export const reverse = (value: number): number => LOWEST + HIGHEST - value;

/** One value for each category, in their order. */
export const perCategory = <Value>(of: (category: Category) => Value): Record<Category, Value> => ({
  identity_fusion: of("identity_fusion"),
  autonomy: of("autonomy"),
  boundaries: of("boundaries"),
  communication: of("communication"),
  codependency: of("codependency"),
  differentiation: of("differentiation"),
  attachment: of("attachment"),
  conflict_resolution: of("conflict_resolution"),
  partner_inclusion: of("partner_inclusion"),
  power_dynamics: of("power_dynamics"),
  openness: of("openness"),
  conscientiousness: of("conscientiousness"),
  extraversion: of("extraversion"),
  agreeableness: of("agreeableness"),
  neuroticism: of("neuroticism"),
});

export const perComposite = <Value>(of: (composite: Composite) => Value): Record<Composite, Value> => ({
  CI: of("CI"),
  ARI: of("ARI"),
  TRS: of("TRS"),
});
