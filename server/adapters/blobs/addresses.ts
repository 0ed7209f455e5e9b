import type { Announced, LinkedFile, StoreAddress } from "../../../domain/media-store.ts";
import { Refusal } from "../../../domain/refusal.ts";
import type { Secrets } from "../../../domain/secrets.ts";

type Signing = Pick<Secrets, "sign" | "isSigned">;

/** Below PUBLIC_URL. */
export const BLOBS = "/api/v1/blobs";

export interface UploadAddress extends Announced {
  readonly until: number;
}

export interface LinkAddress extends Omit<LinkedFile, "key"> {
  readonly until: number;
}

export type StoreAddresses = ReturnType<typeof storeAddresses>;

/** What one may do with a file of our own store, written into its address and signed: for one method, one file, and not for long. */
export function storeAddresses(publicUrl: string, secrets: Signing) {
  const said = (method: string, key: string, words: StoreAddress): string =>
    JSON.stringify([method, key, Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1))]);

  const urlOf = (method: string, key: string, words: StoreAddress): string => {
    const signature = secrets.sign("media", said(method, key, words));
    return `${publicUrl}${BLOBS}/${key}?${new URLSearchParams({ ...words, signature })}`;
  };

  function checked(method: string, key: string, address: StoreAddress, now: number): StoreAddress {
    const { signature = "", ...words } = address;
    if (!secrets.isSigned("media", said(method, key, words), signature))
      throw new Refusal("FORBIDDEN", "This address was not made by us for that");
    if (Number(words["until"]) <= now) throw new Refusal("FORBIDDEN", "This address has expired: ask for a new one");
    return words;
  }

  return {
    upload: (key: string, { bytes, contentType, sha256, until }: UploadAddress): string =>
      urlOf("PUT", key, {
        ...{ bytes: String(bytes), type: contentType, until: String(until) },
        ...(sha256 === null ? {} : { sha256 }),
      }),

    link: (key: string, { contentType, fileName, until }: LinkAddress): string =>
      urlOf("GET", key, { type: contentType, name: fileName, until: String(until) }),

    /** Throws FORBIDDEN. */
    uploadIn(key: string, address: StoreAddress, now: number): Announced {
      const { bytes, type = "", sha256 = null } = checked("PUT", key, address, now);
      return { bytes: Number(bytes), contentType: type, sha256 };
    },

    /** Throws FORBIDDEN. */
    linkIn(key: string, address: StoreAddress, now: number): Omit<LinkedFile, "key"> {
      const { type = "", name = "" } = checked("GET", key, address, now);
      return { contentType: type, fileName: name };
    },
  };
}
