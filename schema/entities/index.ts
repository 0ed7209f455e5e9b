/** Every table the domain speaks to through MikroORM. The rooms' own tables are written by statements of their own. */
export const entities = [];
