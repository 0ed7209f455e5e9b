import { z } from "zod";
import type { Secrets } from "../../../domain/secrets.ts";

const Contact = z.object({ email: z.string().nullable(), phone: z.string().nullable() });

/** A press that met no other keeps its word for a few minutes. */
export function wordIn({ open }: Pick<Secrets, "open">, sealed: unknown): string | null {
  const opened = typeof sealed === "string" ? open("feeling", sealed) : undefined;
  return opened === undefined ? null : Sealed.parse(JSON.parse(opened))[1];
}

const Sealed = z.tuple([z.string(), z.string()]);

/** To whom an invitation went, as long as that is remembered; not by which link. */
export function contactIn({ open }: Pick<Secrets, "open">, sealed: unknown): object {
  const contact = typeof sealed === "string" ? open("address", sealed) : undefined;
  return contact === undefined ? { email: null, phone: null } : Contact.parse(JSON.parse(contact));
}
