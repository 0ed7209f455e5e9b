import { UniqueConstraintViolationException } from "@mikro-orm/core";

/** Whether an error says that a row would break that uniqueness, which only the database can know. */
export const breaksUnique = (error: unknown, constraint: string): boolean =>
  error instanceof UniqueConstraintViolationException && Reflect.get(error, "constraint") === constraint;
